//! `cloud-api audit …`: the trail as a file, and whether it holds.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use cloud_api::clock::SystemClock;
use cloud_api::serve;
use cloud_api::settings::Settings;
use cloud_store::Realm;
use cloud_store::audit::{Entry, GENESIS, Hash, verify_from};

use super::output::{Outcome, print, tell};

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Writes a realm's trail, one JSON object a line.
    Export {
        /// The settings file.
        #[arg(long)]
        settings: PathBuf,
        /// The town's code, or `platform`.
        #[arg(long)]
        tenant: Realm,
        /// Where it goes.
        #[arg(long)]
        out: PathBuf,
    },
    /// Checks a trail and names everything at fault. With `--settings` and `--tenant`: the database's, entry by entry and row
    /// by row, with the town's keys and what was anchored. With a file: an exported trail, without any database.
    Verify {
        /// The last hash, as noted elsewhere: finds entries that were cut off at the end of the file.
        #[arg(long)]
        head: Option<String>,
        /// The settings file.
        #[arg(long, requires = "tenant", required_unless_present = "file")]
        settings: Option<PathBuf>,
        /// The town's code, or `platform`.
        #[arg(long, requires = "settings")]
        tenant: Option<Realm>,
        /// The exported trail.
        file: Option<PathBuf>,
    },
}

pub(crate) fn run(command: AuditCommand) -> Outcome {
    match command {
        AuditCommand::Export {
            settings,
            tenant,
            out,
        } => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(export(&Settings::read(&settings)?, &tenant, &out)),
        AuditCommand::Verify {
            head,
            settings,
            tenant,
            file,
        } => {
            if let Some((settings, realm)) = settings.zip(tenant) {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?
                    .block_on(inspect(&Settings::read(&settings)?, &realm))?;
            }
            file.map_or(Ok(()), |file| check(&file, head))
        }
    }
}

/// Looks through a realm in the database; every finding is a line.
async fn inspect(settings: &Settings, realm: &Realm) -> Outcome {
    let store = serve::open_store(settings).await?;
    let anchors = serve::anchors(settings, &store, realm)?;
    let findings = store.inspect(realm, anchors.anchored()).await?;
    store.close().await;
    for sentence in anchors.problems.iter().chain(&findings.sentences()) {
        print(&format!("{realm}: {sentence}"))?;
    }
    let (keyed, heads) = (store.keys_of(realm).is_some(), anchors.heads.len());
    tell(&format!(
        "{} entries, head {}; {} applications; {heads} anchored heads",
        findings.entries, findings.head, findings.applications
    ));
    if !keyed {
        tell("without the realm's key: only the chain itself was checked");
    }
    match findings.sentences().len() + anchors.problems.len() {
        0 => Ok(()),
        count => Err(format!("{realm}: {count} findings").into()),
    }
}

/// Entries of one question to the store.
const PAGE: i64 = 1000;

async fn export(settings: &Settings, realm: &Realm, out: &PathBuf) -> Outcome {
    let cloud = serve::open(settings, Arc::new(SystemClock)).await?;
    let file = std::fs::File::create(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut lines = BufWriter::new(file);
    let (mut next, mut last) = (1, GENESIS);
    loop {
        let entries = cloud.store.trail(realm, next, PAGE).await?;
        let Some(end) = entries.last() else { break };
        (next, last) = (end.seq + 1, end.hash);
        for entry in &entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.write_all(b"\n")?;
        }
    }
    lines.flush()?;
    cloud.store.close().await;
    tell(&format!(
        "{} entries, head {}",
        next - 1,
        String::from(last)
    ));
    Ok(())
}

fn check(file: &PathBuf, head: Option<String>) -> Outcome {
    let head = head.map(Hash::try_from).transpose()?;
    let named = |reason: &dyn std::fmt::Display| format!("{}: {reason}", file.display());
    let opened = std::fs::File::open(file).map_err(|error| named(&error))?;
    let mut last = (0, GENESIS);
    for (line, number) in BufReader::new(opened).lines().zip(1u64..) {
        let line = line.map_err(|error| named(&error))?;
        let entry: Entry = serde_json::from_str(&line).map_err(|error| {
            format!(
                "{}:{number}:{}: not an entry of a trail",
                file.display(),
                error.column()
            )
        })?;
        last = verify_from(last, [&entry]).map_err(|error| named(&error))?;
    }
    if head.is_some_and(|head| head != last.1) {
        return Err(format!(
            "{}: ends at entry {} with hash {}, not with the given head: entries at its end are missing or replaced",
            file.display(),
            last.0,
            String::from(last.1)
        )
        .into());
    }
    tell(&format!(
        "{} entries hold, head {}",
        last.0,
        String::from(last.1)
    ));
    Ok(())
}
