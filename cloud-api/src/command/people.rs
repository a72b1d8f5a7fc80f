//! `cloud-api staff …`: the first people of a realm, before anybody can log in to add others.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use cloud_api::clock::SystemClock;
use cloud_api::labels::Label;
use cloud_api::settings::Settings;
use cloud_api::staff::{Enrolled, Password, SecondFactor};
use cloud_api::{secret_file, serve};
use cloud_store::audit::Actor;
use cloud_store::{Realm, Rights, Role};

use super::output::{Outcome, print, tell};

#[derive(Subcommand)]
pub(crate) enum StaffCommand {
    /// Adds a person. Prints the address of their invitation, or, with both files, adds them ready to log in.
    Add(Add),
    /// Confirms, in place of a second administrator, who enrolled or which rights somebody shall have.
    Confirm(Confirm),
}

#[derive(Args)]
pub(crate) struct Confirm {
    /// The settings file.
    #[arg(long)]
    settings: PathBuf,
    /// The town's code.
    #[arg(long)]
    tenant: Realm,
    /// Log-in name.
    #[arg(long)]
    login: String,
    /// What the person saw when they had enrolled; ask them, not whoever invited them.
    #[arg(long)]
    confirmation_number: Option<String>,
}

#[derive(Args)]
pub(crate) struct Add {
    /// The settings file.
    #[arg(long)]
    settings: PathBuf,
    /// The town's code, or `platform`.
    #[arg(long)]
    tenant: Realm,
    /// Log-in name.
    #[arg(long)]
    login: String,
    /// Name, as colleagues read it.
    #[arg(long)]
    name: String,
    /// Roles.
    #[arg(long = "role", required = true)]
    roles: Vec<RoleWord>,
    /// File that holds their password; for a pilot or a mock-up environment.
    #[arg(long, requires = "totp_file")]
    password_file: Option<PathBuf>,
    /// File that holds their second factor's secret (base32).
    #[arg(long, requires = "password_file")]
    totp_file: Option<PathBuf>,
}

/// A role as on the command line.
#[derive(Clone, Copy)]
struct RoleWord(Role);

impl ValueEnum for RoleWord {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [RoleWord; 7] = [
            RoleWord(Role::Clerk),
            RoleWord(Role::Supervisor),
            RoleWord(Role::CatalogueEditor),
            RoleWord(Role::Auditor),
            RoleWord(Role::FleetManager),
            RoleWord(Role::TenantAdmin),
            RoleWord(Role::PlatformOperator),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.as_str()).help(self.0.japanese()))
    }
}

pub(crate) fn run(command: StaffCommand) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match command {
        StaffCommand::Add(add) => {
            let settings = Settings::read(&add.settings)?;
            runtime.block_on(add_person(&settings, add))
        }
        StaffCommand::Confirm(confirm) => {
            let settings = Settings::read(&confirm.settings)?;
            runtime.block_on(confirm_person(&settings, confirm))
        }
    }
}

async fn confirm_person(settings: &Settings, confirm: Confirm) -> Outcome {
    let cloud = serve::open(settings, Arc::new(SystemClock)).await?;
    let (realm, login) = (&confirm.tenant, &confirm.login);
    let found = cloud.store.person_by_login(realm, login).await?;
    let (person, _) =
        found.ok_or_else(|| format!("{realm} has nobody with the log-in name {login}"))?;
    let request = cloud.store.rights_request(realm, &person.id).await?;
    match (&person.unconfirmed, request) {
        (Some(_), _) => {
            let number = confirm
                .confirmation_number
                .ok_or("--confirmation-number is missing: ask the person for it")?;
            cloud
                .confirm_person(realm, Actor::Command, &person, &number)
                .await?;
            tell(&format!("confirmed: {login} is who was invited"));
        }
        (None, Some(request)) => {
            cloud
                .agree_to_rights(realm, Actor::Command, &person, &request)
                .await?;
            tell(&format!("{login} has the rights that were asked for"));
        }
        (None, None) => return Err(format!("nothing waits to be confirmed about {login}").into()),
    }
    cloud.store.close().await;
    Ok(())
}

async fn add_person(settings: &Settings, add: Add) -> Outcome {
    let cloud = serve::open(settings, Arc::new(SystemClock)).await?;
    let realm = &add.tenant;
    let key = cloud.realm_key(realm).ok_or_else(|| match realm {
        Realm::Town(code) => format!("{code} is not among the settings' [[tenant]]"),
        Realm::Platform => {
            "the platform has no people without platform_key_file in the settings".to_owned()
        }
    })?;
    let rights = Rights::of(add.roles.iter().map(|role| role.0));
    let who = (add.login.as_str(), add.name.as_str());
    match (add.password_file, add.totp_file) {
        (Some(password), Some(factor)) => {
            let read = |path: PathBuf| {
                secret_file::read_text(&path)
                    .map_err(|error| format!("{}: {error}", path.display()))
            };
            let enrolled = Enrolled {
                password: Password::typed(read(password)?.trim().to_owned()),
                factor: SecondFactor::from_base32(&read(factor)?)?,
            };
            cloud
                .add_enrolled(realm, &key, Actor::Command, who, rights, enrolled)
                .await?;
            tell(&format!("{} can log in to {realm}", add.login));
        }
        _ => {
            let (_, invitation) = cloud
                .invite(realm, &key, Actor::Command, who, rights)
                .await?;
            tell("Hand this address to the person; it works once, for 72 hours:");
            let console = settings.console_address();
            print(&format!(
                "{console}/console/{realm}/enrol/{}",
                invitation.reveal()
            ))?;
        }
    }
    cloud.store.close().await;
    Ok(())
}

#[derive(Subcommand)]
pub(crate) enum ClientsCommand {
    /// Confirms, in place of a second administrator, who fetched a machine client's secret.
    Confirm(ConfirmClient),
}

#[derive(Args)]
pub(crate) struct ConfirmClient {
    /// The settings file.
    #[arg(long)]
    settings: PathBuf,
    /// The town's code.
    #[arg(long)]
    tenant: Realm,
    /// The client's id.
    #[arg(long)]
    client: String,
    /// What whoever fetched the secret saw; ask them, not whoever registered the client.
    #[arg(long)]
    confirmation_number: String,
}

pub(crate) fn run_clients(command: ClientsCommand) -> Outcome {
    let ClientsCommand::Confirm(confirm) = command;
    let settings = Settings::read(&confirm.settings)?;
    let confirmed = async {
        let cloud = serve::open(&settings, Arc::new(SystemClock)).await?;
        let (realm, client) = (&confirm.tenant, confirm.client.as_str());
        cloud
            .confirm_secret(realm, Actor::Command, client, &confirm.confirmation_number)
            .await?;
        tell(&format!("confirmed: the secret of {client} holds"));
        cloud.store.close().await;
        Ok(())
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(confirmed)
}
