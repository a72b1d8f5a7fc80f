//! Compiles the screens and packs the icons of assets/icons into one table.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    pack_icons(
        &root.join("../../assets/icons"),
        Path::new(&env::var("OUT_DIR")?),
    )?;
    // Element queries of the tests need the names of elements; the product does not.
    let tested = env::var("PROFILE")? == "debug";
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_debug_info(tested);
    slint_build::compile_with_config("ui/main.slint", config)?;
    Ok(())
}

/// Writes `icons.in`: a sorted slice of (name, path commands). Each file is one path on the 960 grid.
fn pack_icons(folder: &Path, out: &Path) -> Result<(), Failed> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    names.retain(|path| path.extension().is_some_and(|ext| ext == "svg"));
    let mut icons = Vec::new();
    for path in names {
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default()
            .to_owned();
        let svg = fs::read_to_string(&path)?;
        let commands =
            commands(&svg).ok_or_else(|| format!("{}: no <path d=\"…\">", path.display()))?;
        icons.push((name, commands));
    }
    // By name, since the program searches by halves; file names sort otherwise ("box-checked.svg" before "box.svg").
    icons.sort();
    let mut table = String::from("&[\n");
    for (name, commands) in icons {
        writeln!(table, "    ({name:?}, {commands:?}),")?;
    }
    table.push(']');
    fs::write(out.join("icons.in"), table)?;
    Ok(())
}

/// The `d` of every path, joined.
fn commands(svg: &str) -> Option<String> {
    let all: Vec<&str> = svg
        .split("<path d=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    (!all.is_empty()).then(|| all.join(" "))
}
