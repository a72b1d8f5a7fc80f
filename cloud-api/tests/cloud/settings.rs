//! Settings: the example is whole, errors have a place.

use std::path::Path;

use cloud_api::settings::{Settings, SettingsError};

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(Path::new("cloud-api.toml"), text)
}

fn error(text: &str) -> String {
    parse(text).err().unwrap().to_string()
}

#[test]
fn the_example_is_good_and_its_paths_count_from_its_folder() {
    let settings =
        Settings::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("settings.example.toml"))
            .unwrap();
    let tenant = &settings.tenant[0];
    assert_eq!(tenant.name, "玄関町");
    assert!(
        tenant
            .sealing_key_file
            .ends_with("cloud-api/tenant/sealing.key")
    );
    assert!(
        settings
            .database
            .ends_with("cloud-api/data/cloud-api.sqlite")
    );
    assert!(tenant.core_system.is_some());
}

#[test]
fn mistakes_have_line_and_column() {
    assert!(
        error("listen = \"127.0.0.1:1\"\nlisten_on = 1\n")
            .starts_with("cloud-api.toml:2:1: unknown field `listen_on`")
    );
    assert!(error("[device]\nlisten = \"here\"").starts_with("cloud-api.toml:2:10: "));
    assert!(error("[[tenant]]\ncode = \"990018\"").contains(":2:8: the check digit"));
    assert!(error("a = = 1").starts_with("cloud-api.toml:1:"));
    assert!(error("# 町\n[paper]\nfonts = 3").starts_with("cloud-api.toml:3:9: "));
}

#[test]
fn what_must_not_be_is_refused() {
    assert!(error("listen = \"192.0.2.1:80\"").contains("must be a loopback address"));
    assert!(
        error("database = \"postgres://me:secret@localhost/x\"").contains("database_password_file")
    );
    let town = "[[tenant]]\ncode = \"990019\"\nname = \"a\"\nsealing_key_id = \"a\"\nsealing_key_file = \"a\"\n";
    assert!(error(&town.repeat(2)).contains("tenant 990019 stands twice"));
    assert!(parse(town).is_ok());
}
