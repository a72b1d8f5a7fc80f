//! What is taken from others is named by a lock file, and checked before a change lands.

use std::fs;
use std::path::{Path, PathBuf};

use tidy::locked;

/// Every file of the repository that could be a script, with its text.
fn files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![tidy::root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a folder entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && !["target", "node_modules", ".git"].contains(&&*name) {
                open.push(path);
            } else if path.is_file() {
                found.extend(fs::read_to_string(&path).ok().map(|text| (path, text)));
            }
        }
    }
    found.sort();
    found
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|ending| endings.iter().any(|one| ending == *one))
}

fn is_script(path: &Path, text: &str) -> bool {
    path.ends_with("Makefile")
        || path.ends_with("Dockerfile")
        || ends_in(path, &["sh", "mk", "yml", "yaml"])
        || (text.starts_with("#!") && !ends_in(path, &["py", "mjs", "rs"]))
}

#[test]
fn every_script_takes_only_what_is_locked() {
    let (mut seen, mut faults) = (0, Vec::new());
    for (path, text) in files() {
        if !is_script(&path, &text) {
            continue;
        }
        seen += 1;
        for (line, fault) in locked::faults(&text) {
            faults.push(format!("{}:{line}: {fault}", path.display()));
        }
    }
    assert!(seen > 10, "only {seen} scripts");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_program_starts_cargo_locked() {
    let (mut seen, mut faults) = (0, Vec::new());
    for (path, text) in files() {
        let ours = path.ends_with("tests/tidy/src/locked.rs")
            || path.ends_with("tests/tidy/tests/supply_chain.rs");
        if ours || !ends_in(&path, &["rs", "mjs", "js", "py"]) {
            continue;
        }
        seen += 1;
        let at = locked::cargo_in_source(&text).into_iter();
        faults.extend(at.map(|line| format!("{}:{line}", path.display())));
    }
    assert!(seen > 300, "only {seen} files");
    assert!(
        faults.is_empty(),
        "cargo without --locked:\n{}",
        faults.join("\n")
    );
}

#[test]
fn unlocked_calls_are_found() {
    for (script, why) in [
        ("cargo build --workspace", "cargo"),
        ("\t$(STEP) x $(CARGO) test --workspace -- --locked", "cargo"),
        ("x=1 \"${CARGO:-cargo}\" run", "cargo"),
        (
            "command -v y || cargo +nightly install y --locked",
            "--version",
        ),
        ("(cd tests && npm install --no-audit)", "npm"),
        ("npm --prefix tests i", "npm"),
        ("npx playwright install", "lock file"),
        ("target/venv/bin/pip install \\\n    -r list.txt", "pip"),
        ("python3 -m pip install x==1", "pip"),
    ] {
        let faults = locked::faults(script);
        assert_eq!(faults.len(), 1, "{script}: {faults:?}");
        assert!(faults[0].1.contains(why), "{script}: {faults:?}");
    }
    for script in [
        "# cargo build",
        "cargo build --locked && npm ci && npm --prefix tests test",
        "cargo install y --version 1.2.3 --locked",
        "python -m pip install --quiet \\\n --require-hashes -r x.txt",
        "cargo fmt --all --check",
    ] {
        assert_eq!(locked::faults(script), [], "{script}");
    }
    assert_eq!(
        locked::cargo_in_source("Command::new(\"cargo\")\n.arg(\"tree\")"),
        [1]
    );
    assert_eq!(
        locked::without_hash("a==1 \\\n  --hash=sha256:00\nb==2\n"),
        ["b==2"]
    );
}

#[test]
fn every_python_package_is_named_with_its_hash() {
    let lists: Vec<_> = files()
        .into_iter()
        .filter(|(path, _)| path.ends_with("requirements.in") || path.ends_with("lock-tools.in"))
        .collect();
    assert!(lists.len() >= 6, "only {} lists", lists.len());
    for (path, asked) in lists {
        let lock = path.with_extension("txt");
        let locked = fs::read_to_string(&lock)
            .unwrap_or_else(|e| panic!("{}: {e}: run `make lock`", lock.display()));
        assert_eq!(locked::without_hash(&locked), [""; 0], "{}", lock.display());
        for name in asked.lines().filter(|line| line.contains("==")) {
            let taken = locked.contains(&format!("{} \\", name.trim()));
            assert!(taken, "{} lacks {name}: run `make lock`", lock.display());
        }
    }
    for (path, _) in files() {
        let alone = path.ends_with("requirements.txt") && !path.with_extension("in").exists();
        assert!(!alone, "{} has no requirements.in", path.display());
    }
}

#[test]
fn every_npm_package_is_named_with_its_hash() {
    let mut seen = 0;
    for (path, _) in files() {
        if !path.ends_with("package.json") {
            continue;
        }
        let lock = path.with_file_name("package-lock.json");
        let text = fs::read_to_string(&lock).unwrap_or_else(|e| panic!("{}: {e}", lock.display()));
        let lock: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for (name, package) in lock["packages"].as_object().expect("packages") {
            let hash = package["integrity"].as_str().unwrap_or_default();
            assert!(name.is_empty() || hash.starts_with("sha512-"), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} packages");
}

#[test]
fn advisories_are_checked_before_a_change_lands() {
    let read = |name: &str| fs::read_to_string(tidy::root().join(name)).expect(name);
    assert!(read(".ci/run").contains("make --no-print-directory test"));
    let makefile = read("Makefile");
    let test = makefile.split("\ntest: ").nth(1).expect("target test");
    let recipe = test
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('\t'));
    let steps: Vec<_> = recipe.collect();
    assert!(
        steps
            .iter()
            .any(|step| step.ends_with("deny .ci/advisories check")),
        "{steps:?}"
    );
    let deny = read("deny.toml");
    let settings: Vec<_> = deny.lines().map(str::trim).collect();
    for expected in [
        "unused-ignored-advisory = \"deny\"",
        "unmaintained = \"all\"",
        "unsound = \"all\"",
        "yanked = \"deny\"",
    ] {
        assert!(settings.contains(&expected), "deny.toml: {expected}");
    }
    let ignored = settings.iter().filter(|line| line.contains("RUSTSEC-"));
    for line in ignored.filter(|line| !line.starts_with('#')) {
        assert!(line.contains("reason = \""), "deny.toml: no reason: {line}");
    }
}
