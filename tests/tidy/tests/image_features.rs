//! What the image's program is built from: the features that the Makefile names, and no simulated part or web screen among
//! them.

use std::process::Command;

/// The features of our own packages in a build of the kiosk with `arguments`, as `cargo tree` resolves them.
fn features(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--package",
            "kiosk",
            "--edges",
            "features,normal",
        ])
        .args(["--prefix", "none", "--format", "{p} [{f}]"])
        .args(arguments)
        .current_dir(tidy::root())
        .output()
        .expect("cargo tree");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let own = |line: &&str| {
        ["kiosk v", "devices v", "ui v"]
            .iter()
            .any(|name| line.starts_with(name))
    };
    text.lines().filter(own).collect::<Vec<_>>().join("\n")
}

/// The arguments with which `make image` builds the kiosk.
fn image_arguments() -> Vec<String> {
    let makefile = std::fs::read_to_string(tidy::root().join("Makefile")).expect("Makefile");
    let line = makefile
        .lines()
        .find(|line| line.contains("build") && line.contains("-p kiosk"))
        .expect("the line that builds the image's program");
    let (_, arguments) = line.split_once("-p kiosk").expect("its arguments");
    arguments
        .split_whitespace()
        .take_while(|word| *word != "--bin")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_images_program_has_no_simulated_part_and_no_web_screen() {
    let arguments = image_arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let image = features(&arguments);
    assert!(image.contains("kms"), "{image}");
    for word in ["simulated", "web"] {
        assert!(!image.contains(word), "{word} is built in:\n{image}");
        let demo = features(&[]);
        assert!(demo.contains(word), "the demo has {word}:\n{demo}");
    }
}

/// A simulator's module exists only with the feature.
#[test]
fn every_simulator_is_behind_the_feature() {
    let mut seen = 0;
    for folder in ["kiosk/devices/src", "kiosk/app/src"] {
        for (path, text) in tidy::sources(&tidy::root().join(folder)) {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for (at, line) in lines.iter().enumerate() {
                let module = line.trim_start_matches("pub ").starts_with("mod simulated");
                if !module {
                    continue;
                }
                seen += 1;
                let before = lines[..at]
                    .iter()
                    .rev()
                    .find(|line| !line.starts_with("//"));
                let behind = before.is_some_and(|line| {
                    line.contains("feature = \"simulated\"") || line.contains("no_simulated.rs")
                });
                assert!(behind, "{}: {line}", path.display());
            }
        }
    }
    assert!(seen >= 7, "only {seen} simulators were seen");
}
