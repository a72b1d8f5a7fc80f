//! People (職員) and what they log in with.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::audit::{self, AuditRecord};
use crate::closed_list::closed_list;
use crate::connection::Connection;
use crate::query::{Query, Value, query};
use crate::row::{FromRow, Row};
use crate::tagged::STAFF;
use crate::{Permission, Realm, Rights, Role, Store, StoreError};

/// A person. They belong to one realm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// UUID.
    pub id: String,
    /// What they type to log in; unique in the realm.
    pub login: String,
    /// Name, as colleagues and auditors read it.
    pub name: String,
    /// What they may do.
    pub rights: Rights,
    /// Since when they no longer work here.
    pub left_at: Option<Timestamp>,
    /// Whether they can log in: by password and second factor, or through the town's provider.
    pub enrolled: bool,
    /// Set until a second person has confirmed who enrolled.
    pub unconfirmed: Option<Unconfirmed>,
    /// What they have not read yet.
    pub notice: Option<Notice>,
    /// Whether somebody else than this program wrote the row: they may do nothing and cannot log in.
    pub altered: bool,
}

/// Somebody of whom only one other person says who they are: they may do nothing yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unconfirmed {
    /// Who invited them, by id; only somebody else may confirm.
    pub invited_by: String,
    /// What they see when they have enrolled, and tell whoever confirms.
    pub confirmation_number: String,
}

closed_list! {
    /// What was changed about a person's account.
    NoticeKind {
        /// The password.
        Password, "password";
        /// Password and second factor, by an invitation.
        Enrolled, "enrolled";
        /// What they may do.
        Rights, "rights";
    }
}

/// A change that a person should know of, whoever made it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What was changed.
    pub kind: NoticeKind,
    /// When.
    pub at: Timestamp,
}

impl Person {
    /// Whether they may do this now.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.unconfirmed.is_none() && self.held_rights().may(permission)
    }

    /// What they may do now; nothing once they have left or their row was changed in the database.
    #[must_use]
    pub fn held_rights(&self) -> Rights {
        match (self.left_at, self.altered) {
            (None, false) => self.rights.clone(),
            _ => Rights::default(),
        }
    }
}

/// What a person logs in with; never shown.
#[derive(Default)]
pub struct Credentials {
    /// Argon2id, once enrolled.
    pub password: Option<String>,
    /// The second factor, encrypted.
    pub factor: Option<Vec<u8>>,
    /// The last step of the second factor that was used.
    pub last_step: i64,
}

/// A person to be added.
pub struct NewPerson {
    /// Who and what they may do.
    pub person: Person,
    /// Password hash, if it is set already.
    pub password: Option<String>,
    /// The second factor, encrypted.
    pub factor: Option<Vec<u8>>,
    /// Hash of the invitation, and its end.
    pub invitation: Option<(Vec<u8>, Timestamp)>,
    /// When.
    pub at: Timestamp,
}

fn select(condition: &str) -> String {
    let columns = STAFF.columns();
    format!(
        "SELECT {columns}, totp_step, notice, notice_at FROM staff WHERE tenant = $1{condition}"
    )
}

impl FromRow for Person {
    const TABLE: &'static str = "staff";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let password: Option<String> = row.get("password")?;
        let subject: Option<String> = row.get("subject")?;
        let confirmation_number: Option<String> = row.get("confirmation_number")?;
        let invited_by = row.get("invited_by")?;
        let notice: String = row.get("notice")?;
        let notice_at = row.time("notice_at")?;
        Ok(Self {
            id: row.get("id")?,
            login: row.get("login")?,
            name: row.get("name")?,
            rights: rights(row)?,
            left_at: row.time_if_any("left_at")?,
            enrolled: password.is_some() || subject.is_some(),
            unconfirmed: confirmation_number.map(|confirmation_number| Unconfirmed {
                invited_by,
                confirmation_number,
            }),
            notice: NoticeKind::from_word(&notice).map(|kind| Notice {
                kind,
                at: notice_at,
            }),
            altered: false,
        })
    }
}

/// The columns of [`RightsColumns`].
pub(crate) fn rights(row: &Row) -> Result<Rights, StoreError> {
    Ok(Rights {
        roles: words(row, "roles", Role::from_word)?,
        granted: words(row, "granted", Permission::from_word)?,
        withheld: words(row, "withheld", Permission::from_word)?,
    })
}

/// The words of a column, parted by spaces. One that this program does not know gives no right.
fn words<C: FromIterator<T>, T>(
    row: &Row,
    column: &str,
    known: impl Fn(&str) -> Option<T>,
) -> Result<C, StoreError> {
    let text: String = row.get(column)?;
    Ok(text.split(' ').filter_map(known).collect())
}

/// A person with what they log in with.
struct Account(Person, Credentials);

impl FromRow for Account {
    const TABLE: &'static str = "staff";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let credentials = Credentials {
            password: row.get("password")?,
            factor: row.get("totp")?,
            last_step: row.get("totp_step")?,
        };
        Ok(Self(Person::from_row(row)?, credentials))
    }
}

/// The columns `roles`, `granted` and `withheld`.
pub(crate) struct RightsColumns {
    pub(crate) roles: String,
    pub(crate) granted: String,
    pub(crate) withheld: String,
}

impl From<&Rights> for RightsColumns {
    fn from(rights: &Rights) -> Self {
        let permissions = |words: &std::collections::BTreeSet<Permission>| {
            joined(words.iter().map(|permission| permission.as_str()))
        };
        Self {
            roles: joined(rights.roles.iter().map(|role| role.as_str())),
            granted: permissions(&rights.granted),
            withheld: permissions(&rights.withheld),
        }
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

impl Store {
    /// Adds a person; `false` if the log-in name is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_person(
        &self,
        realm: &Realm,
        new: &NewPerson,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let person = &new.person;
        let rights = RightsColumns::from(&person.rights);
        let unconfirmed = person.unconfirmed.as_ref();
        let insert = query(
            "INSERT INTO staff (tenant, id, login, name, roles, granted, withheld, password, totp, totp_step, failures, \
             enrolment, enrolment_until, created_at, invited_by, confirmation_number) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11, $12, $13, $14) \
             ON CONFLICT (tenant, login) DO NOTHING",
        )
        .bind(realm)
        .bind(person.id.as_str())
        .bind(person.login.as_str())
        .bind(person.name.as_str())
        .bind(rights.roles)
        .bind(rights.granted)
        .bind(rights.withheld)
        .bind(new.password.as_deref())
        .bind(new.factor.as_deref())
        .bind(new.invitation.as_ref().map(|(hash, _)| hash.as_slice()))
        .bind(new.invitation.as_ref().map(|(_, until)| *until))
        .bind(new.at)
        .bind(unconfirmed.map_or("", |one| one.invited_by.as_str()))
        .bind(unconfirmed.map(|one| one.confirmation_number.as_str()));
        let mut connection = self.write(realm).await?;
        if connection.execute(insert).await? == 0 {
            return Ok(false);
        }
        connection
            .keep(realm, &STAFF, &[person.id.as_str().into()])
            .await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Everybody of a realm, by log-in name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn people(&self, realm: &Realm) -> Result<Vec<Person>, StoreError> {
        let all = query(AssertSqlSafe(select(" ORDER BY login"))).bind(realm);
        let accounts = self.accounts(realm, all).await?.into_iter();
        Ok(accounts.map(|Account(person, _)| person).collect())
    }

    /// A person by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person(
        &self,
        realm: &Realm,
        id: &str,
    ) -> Result<Option<(Person, Credentials)>, StoreError> {
        self.person_where(realm, " AND id = $2", id).await
    }

    /// A person by log-in name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person_by_login(
        &self,
        realm: &Realm,
        login: &str,
    ) -> Result<Option<(Person, Credentials)>, StoreError> {
        self.person_where(realm, " AND login = $2", login).await
    }

    async fn person_where(
        &self,
        realm: &Realm,
        condition: &'static str,
        value: &str,
    ) -> Result<Option<(Person, Credentials)>, StoreError> {
        let own = query(AssertSqlSafe(select(condition)))
            .bind(realm)
            .bind(value);
        let account = self.accounts(realm, own).await?.into_iter().next();
        Ok(account.map(|Account(person, credentials)| (person, credentials)))
    }

    /// Rows of people, each with whether this program wrote it. What somebody else wrote is nothing to log in with.
    async fn accounts(&self, realm: &Realm, asked: Query) -> Result<Vec<Account>, StoreError> {
        let mut connection = self.read(realm).await?;
        let rows = connection.rows(asked, STAFF.table).await?;
        connection.commit().await?;
        let account = |row: &Row| {
            let Account(person, credentials) = Account::from_row(row)?;
            let altered = !STAFF.is_genuine(self.keys.of(realm), realm, row)?;
            let credentials = match altered {
                true => Credentials::default(),
                false => credentials,
            };
            Ok(Account(Person { altered, ..person }, credentials))
        };
        rows.iter().map(account).collect()
    }

    /// Who has this invitation, by its hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invited(
        &self,
        realm: &Realm,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<(Person, Credentials)>, StoreError> {
        let sql = select(" AND enrolment = $2 AND enrolment_until > $3 AND left_at IS NULL");
        let own = query(AssertSqlSafe(sql)).bind(realm).bind(hash).bind(now);
        let mut accounts = self.accounts(realm, own).await?.into_iter();
        let account = accounts.find(|Account(person, _)| !person.altered);
        Ok(account.map(|Account(person, credentials)| (person, credentials)))
    }

    /// Sets the password of whoever has an invitation, once; `false` if the invitation was used meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enrol(
        &self,
        realm: &Realm,
        hash: &[u8],
        password: &str,
        step: i64,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let enrol = query(
            "UPDATE staff SET password = $1, totp_step = $2, enrolment = NULL, enrolment_until = NULL, \
             notice = $5, notice_at = $6 WHERE tenant = $3 AND enrolment = $4",
        )
        .bind(password)
        .bind(step)
        .bind(realm)
        .bind(hash)
        .bind(NoticeKind::Enrolled.as_str())
        .bind(record.at);
        let mut connection = self.write(realm).await?;
        let id = query("SELECT id FROM staff WHERE tenant = $1 AND enrolment = $2")
            .bind(realm)
            .bind(hash);
        let id: Option<String> = connection.fetch_value(id).await?;
        let Some(key) = id.map(|id| [Value::from(id)]) else {
            return Ok(false);
        };
        if !connection.take(realm, &STAFF, &key).await? || connection.execute(enrol).await? == 0 {
            return Ok(false);
        }
        connection.keep(realm, &STAFF, &key).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Invites again: a new second factor, no password, no rights until somebody has confirmed, every session ended. Whoever's row
    /// was changed in the database begins without rights and without the provider's identity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invite_again(
        &self,
        realm: &Realm,
        id: &str,
        factor: &[u8],
        invitation: (&[u8], Timestamp),
        unconfirmed: Option<&Unconfirmed>,
        record: &AuditRecord,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        let invite = query(
            "UPDATE staff SET password = NULL, totp = $1, totp_step = 0, \
             enrolment = $2, enrolment_until = $3, invited_by = $6, confirmation_number = $7 WHERE tenant = $4 AND id = $5",
        )
        .bind(factor)
        .bind(invitation.0)
        .bind(invitation.1)
        .bind(realm)
        .bind(id)
        .bind(unconfirmed.map_or("", |one| one.invited_by.as_str()))
        .bind(unconfirmed.map(|one| one.confirmation_number.as_str()));
        let key = [id.into()];
        match connection.take(realm, &STAFF, &key).await {
            Ok(_) => {}
            Err(StoreError::AlteredAccount { .. }) => {
                let nothing = query(
                    "UPDATE staff SET roles = '', granted = '', withheld = '', subject = NULL, left_at = NULL \
                     WHERE tenant = $1 AND id = $2",
                );
                connection.execute(nothing.bind(realm).bind(id)).await?;
            }
            Err(error) => return Err(error),
        }
        connection.execute(invite).await?;
        connection.keep(realm, &STAFF, &key).await?;
        end_sessions(&mut connection, realm, id).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Sets a person's password in place of another; every session but this one ends. `false` if it was changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_password(
        &self,
        realm: &Realm,
        id: &str,
        (old, new): (&str, &str),
        session: &[u8],
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(realm).await?;
        let change = query(
            "UPDATE staff SET password = $1, notice = $2, notice_at = $3 WHERE tenant = $4 AND id = $5 AND password = $6",
        )
        .bind(new)
        .bind(NoticeKind::Password.as_str())
        .bind(record.at)
        .bind(realm)
        .bind(id)
        .bind(old);
        let key = [id.into()];
        if !connection.take(realm, &STAFF, &key).await? || connection.execute(change).await? == 0 {
            return Ok(false);
        }
        connection.keep(realm, &STAFF, &key).await?;
        let others =
            query("DELETE FROM sessions WHERE tenant = $1 AND staff = $2 AND secret_hash <> $3")
                .bind(realm)
                .bind(id)
                .bind(session);
        connection.execute(others).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Keeps that a person has read of the last change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_notice(&self, realm: &Realm, id: &str) -> Result<(), StoreError> {
        let read = query("UPDATE staff SET notice = '' WHERE tenant = $1 AND id = $2")
            .bind(realm)
            .bind(id);
        self.execute(realm, read).await.map(drop)
    }

    /// Uses a step of the second factor: `false` if it was used before, also by a request at the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_step(&self, realm: &Realm, id: &str, step: i64) -> Result<bool, StoreError> {
        let update = query(
            "UPDATE staff SET totp_step = $1 WHERE tenant = $2 AND id = $3 AND totp_step < $1",
        )
        .bind(step)
        .bind(realm)
        .bind(id);
        Ok(self.execute(realm, update).await? == 1)
    }

    /// Binds a person to an identity of the town's OpenID provider at their first log-in; `false` if they are bound to another.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind_subject(
        &self,
        realm: &Realm,
        id: &str,
        subject: &str,
    ) -> Result<bool, StoreError> {
        let update = query(
            "UPDATE staff SET subject = $1 WHERE tenant = $2 AND id = $3 AND (subject IS NULL OR subject = $1)",
        )
        .bind(subject)
        .bind(realm)
        .bind(id);
        self.change_tagged(realm, &STAFF, &[id.into()], update, None)
            .await
    }
}

pub(crate) async fn end_sessions(
    connection: &mut Connection,
    realm: &Realm,
    person: &str,
) -> Result<(), StoreError> {
    let end = query("DELETE FROM sessions WHERE tenant = $1 AND staff = $2")
        .bind(realm)
        .bind(person);
    connection.execute(end).await.map(drop)
}
