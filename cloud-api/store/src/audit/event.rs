//! What can be done, as the trail names it. Closed, so that whatever reads the trail (the auditor's page, an export, the
//! analyses) knows every word.

use crate::closed_list::closed_list;

closed_list! {
    /// What was done.
    AuditEvent {
        /// A person is logged in, second factor included.
        LoggedIn, "logged_in";
        /// Password, code or provider did not hold.
        LogInFailed, "log_in_failed";
        /// Too many failures.
        LockedOut, "locked_out";
        /// A person has logged out.
        LoggedOut, "logged_out";
        /// A password and second factor were set.
        Enrolled, "enrolled";
        /// A person changed their own password.
        PasswordChanged, "password_changed";
        /// A person proved again who they are.
        ProvenAgain, "proven_again";
        /// A person ended another session of theirs.
        SessionEnded, "session_ended";
        /// A person was added.
        StaffAdded, "staff_added";
        /// A person's roles or rights were changed, or they left.
        StaffChanged, "staff_changed";
        /// A second person confirmed who enrolled.
        StaffConfirmed, "staff_confirmed";
        /// More rights were asked for, for somebody.
        RightsAsked, "rights_asked";
        /// A second person agreed to them.
        RightsGranted, "rights_granted";
        /// They were taken back or declined.
        RightsDeclined, "rights_declined";
        /// A machine client was added.
        ClientAdded, "client_added";
        /// A new secret was asked for, for a machine client.
        SecretAsked, "secret_asked";
        /// A machine client's people fetched its secret.
        SecretFetched, "secret_fetched";
        /// A second person confirmed who fetched it.
        SecretConfirmed, "secret_confirmed";
        /// A machine client was revoked.
        ClientRevoked, "client_revoked";
        /// A machine client got a token.
        TokenGiven, "token_given";
        /// Sites, counters, hours, closed days or fees were changed.
        MasterChanged, "master_changed";
        /// An application came from a kiosk.
        Received, "received";
        /// A list of applications was shown.
        Listed, "listed";
        /// Applications were searched for.
        Searched, "searched";
        /// An application was opened.
        Opened, "opened";
        /// A page of a form was shown as a picture.
        Viewed, "viewed";
        /// A form was opened as PDF, to be printed.
        Printed, "printed";
        /// A clerk took an application.
        Claimed, "claimed";
        /// A clerk put it back.
        Released, "released";
        /// Values were corrected.
        Corrected, "corrected";
        /// Its state was changed.
        StateChanged, "state_changed";
        /// It was given to a core system, robot or client.
        HandedOff, "handed_off";
        /// A household's data went to a kiosk after a card login.
        HouseholdReleased, "household_released";
        /// The core system's register was written to a file.
        Exported, "exported";
        /// Whether somebody of an application is under protective measures was asked, or said by a clerk.
        Protected, "protected";
        /// A robot took a job.
        JobTaken, "job_taken";
        /// A robot finished a job.
        JobFinished, "job_finished";
        /// A webhook was delivered or given up.
        WebhookSent, "webhook_sent";
        /// A clerk asked a resident on the clerk's own screen.
        Interviewed, "interviewed";
        /// The core system's register was imported.
        Imported, "imported";
        /// The trail was read.
        TrailRead, "trail_read";
        /// What an older program had stored got its tags: from here on nothing in the database is believed without one.
        Authenticated, "authenticated";
        /// Something was found that somebody else than this program wrote into the database.
        AlterationFound, "alteration_found";
        /// Something was refused because a permission was missing.
        Refused, "refused";
    }
}
