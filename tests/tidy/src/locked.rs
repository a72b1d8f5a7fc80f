//! Calls in scripts that fetch what somebody else publishes: whether each takes only what a lock file of this repository names.

/// Cargo's commands that resolve dependencies. `fmt`, `deny` and `fuzz` take no lock of their own.
const RESOLVING: &[&str] = &[
    "add", "b", "bench", "build", "c", "check", "clippy", "d", "doc", "fetch", "fix", "install",
    "metadata", "miri", "package", "publish", "r", "run", "rustc", "rustdoc", "t", "test", "tree",
    "vendor",
];
/// Programs that fetch and run without a lock file.
const WITHOUT_LOCK: &[&str] = &["bun", "bunx", "npx", "pipx", "pnpm", "uvx", "yarn"];
/// npm's commands that resolve dependencies; `npm ci` takes the lock file.
const NPM_RESOLVING: &[&str] = &[
    "add", "exec", "i", "in", "install", "it", "link", "update", "up", "x",
];

/// What is wrong with the calls of a script (shell, make), each with its line, from 1.
#[must_use]
pub fn faults(script: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in whole_lines(script) {
        for call in calls(&line) {
            found.extend(fault(&call).map(|why| (at, format!("{why}: {}", call.join(" ")))));
        }
    }
    found
}

/// Lines of which one that ends in `\` goes on with the next; without comments.
fn whole_lines(script: &str) -> Vec<(usize, String)> {
    let mut whole: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in script.lines().enumerate() {
        let text = if line.trim_start().starts_with('#') {
            ""
        } else {
            line.split(" # ").next().unwrap_or_default()
        };
        let part = text.trim_end().trim_end_matches('\\');
        match whole.last_mut().filter(|_| goes_on) {
            Some((_, before)) => before.push_str(part),
            None => whole.push((at + 1, part.to_owned())),
        }
        goes_on = text.trim_end().ends_with('\\');
    }
    whole
}

/// The commands of a line, as words.
fn calls(line: &str) -> Vec<Vec<String>> {
    let between = |c: char| ";|&(){}`\"'".contains(c);
    // `$(CARGO)` and `${CARGO:-cargo}` are cargo; every other bracket begins or ends a command.
    let line = line
        .replace("$(CARGO)", "cargo")
        .replace("${CARGO:-cargo}", "cargo")
        .replace("$CARGO ", "cargo ");
    // A word in quotes belongs to its command: only the marks go.
    let line = line.replace(['"', '\''], "");
    line.split(between)
        .map(|part| part.split_whitespace().map(str::to_owned).collect())
        .filter(|words: &Vec<String>| !words.is_empty())
        .collect()
}

/// Why a command is not locked.
fn fault(words: &[String]) -> Option<&'static str> {
    // What follows `--` is for the program that cargo starts.
    let own = words.iter().position(|word| word == "--");
    let words = &words[..own.unwrap_or(words.len())];
    let program = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let has = |options: &[&str]| words.iter().any(|word| options.contains(&&**word));
    for (at, word) in words.iter().enumerate() {
        let rest = &words[at + 1..];
        let program = program(word);
        if program == "cargo" && cargo(rest) && !has(&["--locked", "--frozen"]) {
            return Some("cargo without --locked");
        }
        if program == "cargo" && first(rest) == "install" && !has(&["--version"]) {
            return Some("cargo install without --version");
        }
        if program == "npm" && rest.iter().any(|word| NPM_RESOLVING.contains(&&**word)) {
            return Some("npm without ci");
        }
        if matches!(&*program, "pip" | "pip3")
            && rest
                .iter()
                .any(|word| word == "install" || word == "download")
            && !has(&["--require-hashes"])
        {
            return Some("pip without --require-hashes");
        }
        // Only where a command begins: a package may be called so, too.
        if at == 0 && WITHOUT_LOCK.contains(&&*program) {
            return Some("takes no lock file");
        }
    }
    None
}

/// Whether cargo resolves dependencies with these words.
fn cargo(words: &[String]) -> bool {
    RESOLVING.contains(&first(words))
}

/// The first word that is neither a toolchain nor an option.
fn first(words: &[String]) -> &str {
    words
        .iter()
        .find(|word| !word.starts_with(['+', '-']))
        .map_or("", |word| word)
}

/// Places in a program's source (Rust, JavaScript, Python) that start cargo without `--locked` among what follows.
#[must_use]
pub fn cargo_in_source(text: &str) -> Vec<usize> {
    const STARTS: &[&str] = &[
        "\"cargo\"",
        "'cargo'",
        "env!(\"CARGO\")",
        "process.env.CARGO",
    ];
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| STARTS.iter().any(|start| line.contains(start)));
    starts
        .filter(|(at, _)| {
            let call = &lines[*at..lines.len().min(at + 8)];
            !call.iter().any(|line| line.contains("--locked"))
        })
        .map(|(at, _)| at + 1)
        .collect()
}

/// Requirements of a pip file that do not name one version and the SHA-256 of its files.
#[must_use]
pub fn without_hash(requirements: &str) -> Vec<String> {
    let whole = whole_lines(requirements);
    let named = whole
        .into_iter()
        .map(|(_, line)| line.trim().to_owned())
        .filter(|line| !line.is_empty());
    named
        .filter(|line| !line.contains("==") || !line.contains("--hash=sha256:"))
        .collect()
}
