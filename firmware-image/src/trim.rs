//! `trim.list`: what the root file system leaves out.

/// Paths to leave out, and exceptions from them.
pub struct Trim {
    out: Vec<String>,
    keep: Vec<String>,
}

impl Trim {
    /// From the lines of the list.
    #[must_use]
    pub fn new(lines: &[String]) -> Self {
        let (keep, out): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.starts_with('!'));
        Self {
            out: out.into_iter().cloned().collect(),
            keep: keep.iter().map(|line| line[1..].to_owned()).collect(),
        }
    }

    /// Whether a path (without a leading `/`) is left out. Folders above something kept are for the caller to add again.
    #[must_use]
    pub fn removes(&self, path: &str) -> bool {
        let within = |pattern: &String| covers(pattern, path);
        self.out.iter().any(within) && !self.keep.iter().any(within)
    }
}

/// Whether the pattern is the path or a folder above it.
fn covers(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    pattern
        .split('/')
        .all(|pattern| parts.next().is_some_and(|part| matches(pattern, part)))
}

/// One `*` in a name stands for anything.
fn matches(pattern: &str, part: &str) -> bool {
    match pattern.split_once('*') {
        Some((head, tail)) => {
            part.len() >= head.len() + tail.len() && part.starts_with(head) && part.ends_with(tail)
        }
        None => pattern == part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_names_and_exceptions() {
        let lines = [
            "usr/share/doc",
            "!usr/share/doc/*/copyright",
            "usr/bin/grub-*",
            "!usr/bin/grub-editenv",
        ];
        let trim = Trim::new(&lines.map(str::to_owned));
        for gone in [
            "usr/share/doc",
            "usr/share/doc/rauc/README",
            "usr/bin/grub-mount",
        ] {
            assert!(trim.removes(gone), "{gone}");
        }
        for kept in [
            "usr/share/doc/rauc/copyright",
            "usr/bin/grub-editenv",
            "usr/share/document",
            "usr/bin",
        ] {
            assert!(!trim.removes(kept), "{kept}");
        }
    }
}
