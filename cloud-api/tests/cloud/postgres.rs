//! A PostgreSQL cluster of the test's own: initdb in a temporary folder, a socket in it, no port.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    as_root: bool,
}

impl Cluster {
    /// Starts one that does not wait for the disk.
    pub(crate) fn start() -> Self {
        Self::start_with("-c fsync=off")
    }

    /// Starts one with these options of the server's. initdb refuses root, so root hands it to the `postgres` user.
    pub(crate) fn start_with(options: &str) -> Self {
        let programs = programs().expect("PostgreSQL is not installed (apt install postgresql)");
        let folder = tempfile::tempdir().unwrap();
        let id = Command::new("id").arg("-u").output().unwrap();
        let as_root = String::from_utf8_lossy(&id.stdout).trim() == "0";
        let cluster = Self {
            folder,
            programs,
            as_root,
        };
        std::fs::set_permissions(
            cluster.folder.path(),
            std::fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        let home = cluster.home();
        std::fs::create_dir(&home).unwrap();
        if as_root {
            assert!(
                Command::new("chown")
                    .arg("postgres")
                    .arg(&home)
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let data = home.join("data");
        cluster.run(
            "initdb",
            &[
                "-D",
                text(&data),
                "-U",
                "owner",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync",
            ],
        );
        let options = format!("-k {} -c listen_addresses='' {options}", home.display());
        let log = home.join("log");
        cluster.run(
            "pg_ctl",
            &[
                "-D",
                text(&data),
                "-w",
                "-t",
                "120",
                "-l",
                text(&log),
                "-o",
                &options,
                "start",
            ],
        );
        // One owns the tables, the service works as another that owns nothing.
        for statement in [
            "CREATE ROLE genkan LOGIN NOSUPERUSER NOBYPASSRLS",
            "CREATE ROLE genkan_owner LOGIN NOSUPERUSER NOBYPASSRLS",
            "CREATE DATABASE genkan OWNER genkan_owner",
        ] {
            cluster.as_owner("psql", &["-d", "postgres", "-c", statement]);
        }
        cluster
    }

    /// One of PostgreSQL's programs, as the cluster's owner, whom no wall stops; gives what it said.
    pub(crate) fn as_owner(&self, program: &str, arguments: &[&str]) -> String {
        let home = self.home();
        let owner = ["-h", text(&home), "-U", "owner"];
        let mut command = self.command(program, &[&owner[..], arguments].concat());
        let done = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments:?}: {complaint}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// As the cluster's owner, whom no wall stops.
    pub(crate) fn owner_url(&self) -> String {
        format!(
            "postgres://owner@localhost/genkan?host={}",
            self.home().display()
        )
    }

    /// As the owner of the tables, who migrates.
    pub(crate) fn migrator_url(&self) -> String {
        self.url().replace("genkan@", "genkan_owner@")
    }

    /// A folder that the server's user may write to.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("pg")
    }

    /// As the service.
    pub(crate) fn url(&self) -> String {
        format!(
            "postgres://genkan@localhost/genkan?host={}",
            self.home().display()
        )
    }

    /// The server would hold the pipes of a captured output open for ever.
    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = self.command(program, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{arguments:?} failed");
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(program);
        let mut command = if self.as_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .args(arguments)
            .current_dir(self.home())
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.home().join("data");
        self.run(
            "pg_ctl",
            &["-D", text(&data), "-m", "immediate", "-w", "stop"],
        );
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The newest version that Debian installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort();
    folders
        .into_iter()
        .rev()
        .find(|folder| folder.join("initdb").is_file())
}
