//! What needs a second person: more rights for somebody, and that whoever enrolled is who was meant.

use jiff::Timestamp;

use crate::audit::{self, AuditRecord};
use crate::connection::Connection;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::staff::{RightsColumns, end_sessions, rights};
use crate::tagged::{RIGHTS_REQUESTS, STAFF};
use crate::{NoticeKind, Person, Realm, Rights, Store, StoreError};

/// Rights that one person wants another to have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RightsRequest {
    /// Who would have them, by id.
    pub person: String,
    /// All that they would have then.
    pub rights: Rights,
    /// Who asks, by id; only somebody else may agree.
    pub asked_by: String,
    /// Since when.
    pub asked_at: Timestamp,
}

impl FromRow for RightsRequest {
    const TABLE: &'static str = "rights_requests";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            person: row.get("person")?,
            rights: rights(row)?,
            asked_by: row.get("asked_by")?,
            asked_at: row.time("asked_at")?,
        })
    }
}

impl Store {
    /// Changes a person's name and rights, or keeps that they left; what widens their rights waits as a request, in place of
    /// an older one. Their sessions end, so that the change applies at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_person(
        &self,
        realm: &Realm,
        person: &Person,
        request: Option<&RightsRequest>,
        record: &AuditRecord,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        connection
            .take(realm, &STAFF, &[person.id.as_str().into()])
            .await?;
        let name = query("UPDATE staff SET name = $1 WHERE tenant = $2 AND id = $3")
            .bind(person.name.as_str())
            .bind(realm)
            .bind(person.id.as_str());
        connection.execute(name).await?;
        set_rights(&mut connection, realm, person, record.at).await?;
        remove_request(&mut connection, realm, &person.id).await?;
        if let Some(request) = request {
            let columns = RightsColumns::from(&request.rights);
            let ask = query(
                "INSERT INTO rights_requests (tenant, person, roles, granted, withheld, asked_by, asked_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(realm)
            .bind(request.person.as_str())
            .bind(columns.roles)
            .bind(columns.granted)
            .bind(columns.withheld)
            .bind(request.asked_by.as_str())
            .bind(request.asked_at);
            connection.execute(ask).await?;
            let key = [request.person.as_str().into()];
            connection.keep(realm, &RIGHTS_REQUESTS, &key).await?;
        }
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await
    }

    /// Every request of a realm.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rights_requests(&self, realm: &Realm) -> Result<Vec<RightsRequest>, StoreError> {
        let columns = RIGHTS_REQUESTS.columns();
        let sql =
            format!("SELECT {columns} FROM rights_requests WHERE tenant = $1 ORDER BY asked_at");
        self.fetch_genuine(realm, &RIGHTS_REQUESTS, sql, vec![realm.into()])
            .await
    }

    /// The request about a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rights_request(
        &self,
        realm: &Realm,
        person: &str,
    ) -> Result<Option<RightsRequest>, StoreError> {
        let columns = RIGHTS_REQUESTS.columns();
        let sql =
            format!("SELECT {columns} FROM rights_requests WHERE tenant = $1 AND person = $2");
        let values = vec![realm.into(), person.into()];
        let own = self
            .fetch_genuine(realm, &RIGHTS_REQUESTS, sql, values)
            .await?;
        Ok(own.into_iter().next())
    }

    /// Gives the person what is asked for; `false` if this request is no longer there as it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn agree_to_request(
        &self,
        realm: &Realm,
        person: &Person,
        request: &RightsRequest,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(realm).await?;
        let columns = RightsColumns::from(&request.rights);
        let take = query(
            "DELETE FROM rights_requests WHERE tenant = $1 AND person = $2 AND roles = $3 AND granted = $4 AND withheld = $5",
        )
        .bind(realm)
        .bind(request.person.as_str())
        .bind(columns.roles)
        .bind(columns.granted)
        .bind(columns.withheld);
        let key = [request.person.as_str().into()];
        if connection.execute(take).await? == 0 || !connection.take(realm, &STAFF, &key).await? {
            return Ok(false);
        }
        let person = Person {
            rights: request.rights.clone(),
            left_at: None,
            ..person.clone()
        };
        set_rights(&mut connection, realm, &person, record.at).await?;
        audit::append(&mut connection, realm, record).await?;
        connection.commit().await?;
        Ok(true)
    }

    /// Takes a request back; `false` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_request(
        &self,
        realm: &Realm,
        person: &str,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let drop = query("DELETE FROM rights_requests WHERE tenant = $1 AND person = $2")
            .bind(realm)
            .bind(person);
        self.execute_recorded(realm, drop, record).await
    }

    /// Confirms who enrolled: from now on their rights hold. `false` if they were invited again, or their rights changed,
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm_person(
        &self,
        realm: &Realm,
        person: &Person,
        confirmation_number: &str,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let columns = RightsColumns::from(&person.rights);
        let confirm = query(
            "UPDATE staff SET confirmation_number = NULL WHERE tenant = $1 AND id = $2 AND confirmation_number = $3 \
             AND roles = $4 AND granted = $5 AND withheld = $6",
        )
        .bind(realm)
        .bind(person.id.as_str())
        .bind(confirmation_number)
        .bind(columns.roles)
        .bind(columns.granted)
        .bind(columns.withheld);
        let key = [person.id.as_str().into()];
        self.change_tagged(realm, &STAFF, &key, confirm, Some(record))
            .await
    }
}

async fn set_rights(
    connection: &mut Connection,
    realm: &Realm,
    person: &Person,
    now: Timestamp,
) -> Result<(), StoreError> {
    let columns = RightsColumns::from(&person.rights);
    let change = query(
        "UPDATE staff SET roles = $1, granted = $2, withheld = $3, left_at = $4, notice = $5, notice_at = $6 \
         WHERE tenant = $7 AND id = $8",
    )
    .bind(columns.roles)
    .bind(columns.granted)
    .bind(columns.withheld)
    .bind(person.left_at)
    .bind(NoticeKind::Rights.as_str())
    .bind(now)
    .bind(realm)
    .bind(person.id.as_str());
    connection.execute(change).await?;
    connection
        .keep(realm, &STAFF, &[person.id.as_str().into()])
        .await?;
    end_sessions(connection, realm, &person.id).await
}

async fn remove_request(
    connection: &mut Connection,
    realm: &Realm,
    person: &str,
) -> Result<(), StoreError> {
    let remove = query("DELETE FROM rights_requests WHERE tenant = $1 AND person = $2")
        .bind(realm)
        .bind(person);
    connection.execute(remove).await.map(drop)
}
