//! People and what they log in with.

use jiff::Timestamp;

use super::audit::note;
use super::{Realm, Store, StoreError, reading, timestamp, writing};
use crate::audit::Note;
use crate::staff::{Action, Person, Rights, Role};

/// What a person logs in with; never shown.
pub struct Credentials {
    /// Argon2id, once enrolled.
    pub password: Option<String>,
    /// The second factor, encrypted.
    pub factor: Option<Vec<u8>>,
    /// The last step of the second factor that was used.
    pub last_step: i64,
    /// Failures since the last success.
    pub failures: i64,
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

type Columns = (
    String,
    String,
    String,
    String,
    String,
    String,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<Vec<u8>>,
    i64,
    i64,
);

const COLUMNS: &str = "SELECT id, login, name, roles, granted, withheld, left_at, password, locked_until, totp, totp_step, failures FROM staff";

fn words<T: Copy>(text: &str, from: impl Fn(&str) -> Option<T>) -> impl Iterator<Item = T> {
    // A word that this program does not know gives no right.
    text.split(' ')
        .filter_map(from)
        .collect::<Vec<_>>()
        .into_iter()
}

fn joined<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(" ")
}

fn row(columns: Columns) -> Result<(Person, Credentials), StoreError> {
    let (
        id,
        login,
        name,
        roles,
        granted,
        withheld,
        left_at,
        password,
        locked_until,
        factor,
        last_step,
        failures,
    ) = columns;
    let time = |at: Option<i64>| at.map(|at| timestamp("staff", at)).transpose();
    let person = Person {
        id,
        login,
        name,
        rights: Rights {
            roles: words(&roles, Role::from_word).collect(),
            granted: words(&granted, Action::from_word).collect(),
            withheld: words(&withheld, Action::from_word).collect(),
        },
        left_at: time(left_at)?,
        enrolled: password.is_some(),
        locked_until: time(locked_until)?,
    };
    let credentials = Credentials {
        password,
        factor,
        last_step,
        failures,
    };
    Ok((person, credentials))
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
        note: &Note,
    ) -> Result<bool, StoreError> {
        let (person, rights) = (&new.person, &new.person.rights);
        let (roles, granted, withheld) = rights_words(rights);
        let added = writing!(self, realm, on => {
            let added = sqlx::query(
                "INSERT INTO staff (tenant, id, login, name, roles, granted, withheld, password, totp, totp_step, failures, \
                 enrolment, enrolment_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11, $12) \
                 ON CONFLICT (tenant, login) DO NOTHING",
            )
            .bind(realm.as_str())
            .bind(person.id.as_str())
            .bind(person.login.as_str())
            .bind(person.name.as_str())
            .bind(roles.as_str())
            .bind(granted.as_str())
            .bind(withheld.as_str())
            .bind(new.password.as_deref())
            .bind(new.factor.as_deref())
            .bind(new.invitation.as_ref().map(|(hash, _)| hash.as_slice()))
            .bind(new.invitation.as_ref().map(|(_, until)| until.as_millisecond()))
            .bind(new.at.as_millisecond())
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if added {
                note!(on, realm, note);
            }
            added
        });
        Ok(added)
    }

    /// Everybody of a realm, by log-in name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn people(&self, realm: &Realm) -> Result<Vec<Person>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE tenant = $1 ORDER BY login"));
        let rows: Vec<Columns> = reading!(self, realm, on => sqlx::query_as(sql)
            .bind(realm.as_str())
            .fetch_all(&mut *on)
            .await?);
        rows.into_iter()
            .map(|columns| row(columns).map(|(person, _)| person))
            .collect()
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
        self.person_where(realm, "id = $2", id).await
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
        self.person_where(realm, "login = $2", login).await
    }

    async fn person_where(
        &self,
        realm: &Realm,
        which: &'static str,
        value: &str,
    ) -> Result<Option<(Person, Credentials)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE tenant = $1 AND {which}"));
        let found: Option<Columns> = reading!(self, realm, on => sqlx::query_as(sql)
            .bind(realm.as_str())
            .bind(value)
            .fetch_optional(&mut *on)
            .await?);
        found.map(row).transpose()
    }

    /// Who holds this invitation, by its hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invited(
        &self,
        realm: &Realm,
        hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<(Person, Credentials)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE tenant = $1 AND enrolment = $2 AND enrolment_until > $3 AND left_at IS NULL"
        ));
        let found: Option<Columns> = reading!(self, realm, on => sqlx::query_as(sql)
            .bind(realm.as_str())
            .bind(hash)
            .bind(now.as_millisecond())
            .fetch_optional(&mut *on)
            .await?);
        found.map(row).transpose()
    }

    /// Sets the password of the holder of an invitation, once; `false` if the invitation was used meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enrol(
        &self,
        realm: &Realm,
        hash: &[u8],
        password: &str,
        step: i64,
        note: &Note,
    ) -> Result<bool, StoreError> {
        Ok(writing!(self, realm, on => {
            let done = sqlx::query(
                "UPDATE staff SET password = $1, totp_step = $2, enrolment = NULL, enrolment_until = NULL, failures = 0, \
                 locked_until = NULL WHERE tenant = $3 AND enrolment = $4",
            )
            .bind(password)
            .bind(step)
            .bind(realm.as_str())
            .bind(hash)
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if done {
                note!(on, realm, note);
            }
            done
        }))
    }

    /// Invites again: a new second factor, no password, every session ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invite_again(
        &self,
        realm: &Realm,
        id: &str,
        factor: &[u8],
        invitation: (&[u8], Timestamp),
        note: &Note,
    ) -> Result<(), StoreError> {
        writing!(self, realm, on => {
            sqlx::query(
                "UPDATE staff SET password = NULL, totp = $1, totp_step = 0, failures = 0, locked_until = NULL, \
                 enrolment = $2, enrolment_until = $3 WHERE tenant = $4 AND id = $5",
            )
            .bind(factor)
            .bind(invitation.0)
            .bind(invitation.1.as_millisecond())
            .bind(realm.as_str())
            .bind(id)
            .execute(&mut *on)
            .await?;
            sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND staff = $2")
                .bind(realm.as_str())
                .bind(id)
                .execute(&mut *on)
                .await?;
            note!(on, realm, note);
        });
        Ok(())
    }

    /// Changes what a person may do, or says that they left. Their sessions end, so that the change holds at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_person(
        &self,
        realm: &Realm,
        person: &Person,
        note: &Note,
    ) -> Result<(), StoreError> {
        let (roles, granted, withheld) = rights_words(&person.rights);
        writing!(self, realm, on => {
            sqlx::query(
                "UPDATE staff SET name = $1, roles = $2, granted = $3, withheld = $4, left_at = $5 WHERE tenant = $6 AND id = $7",
            )
            .bind(person.name.as_str())
            .bind(roles.as_str())
            .bind(granted.as_str())
            .bind(withheld.as_str())
            .bind(person.left_at.map(Timestamp::as_millisecond))
            .bind(realm.as_str())
            .bind(person.id.as_str())
            .execute(&mut *on)
            .await?;
            sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND staff = $2")
                .bind(realm.as_str())
                .bind(person.id.as_str())
                .execute(&mut *on)
                .await?;
            note!(on, realm, note);
        });
        Ok(())
    }

    /// Counts a failure and locks when there were too many; gives whether this one locked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_in_failed(
        &self,
        realm: &Realm,
        id: &str,
        tries: i64,
        locked_until: Timestamp,
        note: &Note,
    ) -> Result<bool, StoreError> {
        Ok(writing!(self, realm, on => {
            let (failures,): (i64,) = sqlx::query_as(
                "UPDATE staff SET failures = failures + 1 WHERE tenant = $1 AND id = $2 RETURNING failures",
            )
            .bind(realm.as_str())
            .bind(id)
            .fetch_one(&mut *on)
            .await?;
            let locks = failures >= tries;
            if locks {
                sqlx::query("UPDATE staff SET failures = 0, locked_until = $1 WHERE tenant = $2 AND id = $3")
                    .bind(locked_until.as_millisecond())
                    .bind(realm.as_str())
                    .bind(id)
                    .execute(&mut *on)
                    .await?;
            }
            note!(on, realm, note);
            locks
        }))
    }

    /// Uses a step of the second factor: `false` if it was used before, also by a request at the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_step(&self, realm: &Realm, id: &str, step: i64) -> Result<bool, StoreError> {
        Ok(writing!(self, realm, on => sqlx::query(
            "UPDATE staff SET totp_step = $1, failures = 0, locked_until = NULL WHERE tenant = $2 AND id = $3 AND totp_step < $1",
        )
        .bind(step)
        .bind(realm.as_str())
        .bind(id)
        .execute(&mut *on)
        .await?
        .rows_affected())
            == 1)
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
        Ok(writing!(self, realm, on => sqlx::query(
            "UPDATE staff SET subject = $1 WHERE tenant = $2 AND id = $3 AND (subject IS NULL OR subject = $1)",
        )
        .bind(subject)
        .bind(realm.as_str())
        .bind(id)
        .execute(&mut *on)
        .await?
        .rows_affected())
            == 1)
    }
}

fn rights_words(rights: &Rights) -> (String, String, String) {
    (
        joined(rights.roles.iter().map(|role| role.as_str())),
        joined(rights.granted.iter().map(|action| action.as_str())),
        joined(rights.withheld.iter().map(|action| action.as_str())),
    )
}
