//! `demo-town`: prepares the demo's folder, serves its core system, prints its people and cards.

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use demo_town::core_system::{CoreSystem, serve};
use demo_town::{DemoSettings, Town, card, facts, prepare};
use jiff::Timestamp;
use zeroize::Zeroizing;

/// The demo town 玄関町 (990019): invented residents, their cards and keys, and a core system.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes keys, certificates, cards and settings; keeps every key that is there.
    Prepare {
        /// The folder.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        settings: Box<DemoSettings>,
    },
    /// Serves the core system's interface until it is stopped; prints its address when it is ready.
    CoreSystem {
        /// Loopback only; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
        /// File with the bearer token.
        #[arg(long)]
        token_file: PathBuf,
        /// Another town than the usual: other generated households.
        #[arg(long)]
        seed: Option<u64>,
        /// Offers `/demo/faults`.
        #[arg(long)]
        allow_faults: bool,
    },
    /// Prints the households.
    Households {
        /// As JSON, with every fact.
        #[arg(long)]
        json: bool,
    },
    /// Prints the demo cards: name, PIN, what each shows.
    Cards {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output (`| head`) may stop reading.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "demo-town: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(command: Command) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        Command::Prepare { out, settings } => {
            let done = prepare::prepare(&Town::build()?, &out, &settings, Timestamp::now())?;
            let mut stdout = io::stdout().lock();
            for file in &done.written {
                writeln!(stdout, "{}", out.join(file).display())?;
            }
            writeln!(
                stdout,
                "{} cards, {} files written",
                done.cards,
                done.written.len()
            )?;
            Ok(())
        }
        Command::CoreSystem {
            listen,
            token_file,
            seed,
            allow_faults,
        } => core_system(listen, &token_file, seed, allow_faults),
        Command::Households { json } => households(json),
        Command::Cards { json } => cards(json),
    }
}

fn cards(as_json: bool) -> Result<(), Box<dyn std::error::Error>> {
    let cards = card::cards(&Town::build()?)?;
    let text = if as_json {
        format!("{:#}\n", card::list(&cards))
    } else {
        card::table(&cards)
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn core_system(
    listen: SocketAddr,
    token_file: &std::path::Path,
    seed: Option<u64>,
    allow_faults: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    let text = std::fs::read_to_string(token_file)
        .map(Zeroizing::new)
        .map_err(|error| format!("{}: {error}", token_file.display()))?;
    let token = Zeroizing::new(text.trim().to_owned());
    if token.len() < 16 {
        return Err(format!(
            "{}: a token has at least 16 characters",
            token_file.display()
        )
        .into());
    }
    let town = match seed {
        Some(seed) => Town::build_seeded(seed)?,
        None => Town::build()?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()?;
    runtime.block_on(async {
        let system = CoreSystem::bind(town, token, listen, allow_faults).await?;
        writeln!(io::stdout(), "core system on http://{}", system.address())?;
        io::stdout().flush()?;
        serve(system).await;
        Ok(())
    })
}

fn households(as_json: bool) -> Result<(), Box<dyn std::error::Error>> {
    let town = Town::build()?;
    let mut stdout = io::stdout().lock();
    if as_json {
        serde_json::to_writer_pretty(&mut stdout, &facts::export(&town))?;
        writeln!(stdout)?;
        return Ok(());
    }
    for household in &town.households {
        let head = household.head();
        let (key, count) = (
            household.key.as_deref().unwrap_or("-"),
            household.persons.len(),
        );
        writeln!(
            stdout,
            "{}  {key:18}  {count}人  {}  {}",
            household.number, head.name, household.shows
        )?;
    }
    Ok(())
}
