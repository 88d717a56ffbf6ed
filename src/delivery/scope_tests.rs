//! The golden table: replies as relays write them, and what they are about.

use super::*;

const GOLDEN: &str = "
rcpt | 550 5.1.1 <a@x.test>: Recipient address rejected: User unknown | Recipient Suppress
rcpt | 550 5.1.2 bad destination system | Recipient Suppress
rcpt | 501 5.1.3 bad recipient address syntax | Recipient Suppress
rcpt | 550 5.1.6 mailbox has moved | Recipient Suppress
rcpt | 556 5.1.10 recipient address has null MX | Recipient Suppress
rcpt | 550 5.2.1 the account is disabled | Recipient Suppress
rcpt | 550 No such user here | Recipient Suppress
rcpt | 550 Unrouteable address | Recipient Suppress
rcpt | 556 domain takes no mail | Recipient Suppress
dot  | 550 5.1.1 user unknown | Recipient Suppress
rcpt | 552 5.2.2 mailbox full | Recipient Fail
rcpt | 552 user over quota | Recipient Fail
rcpt | 550 5.7.1 message refused by policy | Recipient Fail
rcpt | 550 5.4.1 Recipient address rejected: Access denied | Recipient Fail
rcpt | 553 5.6.7 non-ASCII address without SMTPUTF8 | Recipient Fail
rcpt | 550 no | Recipient Fail
mail | 552 5.3.4 message size exceeds fixed limit | Message Fail
mail | 552 Message size exceeds maximum permitted | Message Fail
dot  | 552 5.3.4 too big | Message Fail
dot  | 552 too much mail data | Message Fail
dot  | 550 5.7.1 spam content | Message Fail
dot  | 554 5.6.0 bad MIME | Message Fail
dot  | 554 5.7.1 rejected by our corporate filter | Message Fail
data | 554 no valid recipients | Message Fail
body | 554 5.7.1 virus found | Message Fail
greeting | 554 no service for you | Relay Pause
ehlo | 550 5.1.1 go away | Relay Pause
auth | 535 5.7.8 authentication failed | Relay Pause
auth | 550 5.7.30 basic authentication is not supported | Relay Pause
auth | 454 4.7.0 temporary authentication failure | Relay SlowDown
auth | 432 4.3.2 concurrent connections limit exceeded | Relay SlowDown
mail | 530 5.7.0 authentication required | Relay Pause
mail | 550 5.7.60 client does not have permissions to send as this sender | Relay Pause
mail | 550 5.1.8 bad sender | Relay Pause
mail | 553 sender address rejected: not owned by user | Relay Pause
mail | 555 parameter not recognised | Relay Pause
rcpt | 550 5.4.5 Daily user sending limit exceeded | Relay Pause
rcpt | 550 5.7.1 Daily SMTP relay limit exceeded for customer | Relay Pause
rcpt | 554 5.7.1 <a@x.test>: Relay access denied | Relay Pause
rcpt | 503 need MAIL first | Relay Pause
rcpt | 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org | Relay Pause
dot  | 554 5.2.0 STOREDRV.Submission.Exception: SubmissionQuotaExceededException | Relay Pause
dot  | 554 5.2.2 mailbox full; the Sent Items folder | Relay Pause
dot  | 550 5.7.26 unauthenticated email from x.test | Relay Pause
dot  | 550 5.7.515 access denied, sending domain does not meet the required level | Relay Pause
dot  | 554 Message rejected: Email address is not verified | Relay Pause
dot  | 550 your message rate limit was hit | Relay Pause
mail | 454 Throttling failure: Maximum sending rate exceeded | Relay SlowDown
mail | 454 Throttling failure: Daily message quota exceeded | Relay Pause
mail | 452 4.3.1 insufficient system storage | Message Retry
rcpt | 451 4.7.1 greylisted | Relay SlowDown
rcpt | 450 4.2.1 the user is receiving mail too fast | Message Retry
rcpt | 452 4.2.2 over quota | Recipient Retry
rcpt | 450 mailbox busy | Message Retry
data | 421 4.4.5 too many connections | Relay SlowDown
dot  | 451 local error | Message Retry
dot  | 421 shutting down | Relay SlowDown
";

fn phase(word: &str) -> Phase {
    #[derive(Deserialize)]
    struct Wrapped {
        phase: Phase,
    }
    toml::from_str::<Wrapped>(&format!("phase = {word:?}")).unwrap().phase
}

#[test]
fn every_reply_of_the_golden_table_is_judged_as_it_says() {
    let table = Refusals::shipped().unwrap();
    for line in GOLDEN.trim().lines() {
        let mut cells = line.split(" | ");
        let (at, reply, expected) = (cells.next().unwrap().trim(), cells.next().unwrap(), cells.next().unwrap());
        let (code, text) = reply.split_once(' ').unwrap();
        let verdict = table.judge(phase(at), &Reply::new(code.parse().unwrap(), text.to_owned()));
        assert_eq!(format!("{:?} {:?}", verdict.scope, verdict.action), expected, "{line}");
    }
}

#[test]
fn no_row_fails_anybody_for_a_4xx_or_retries_a_5xx() {
    for row in Refusals::shipped().unwrap().refusal {
        let temporary = row.codes.iter().all(|c| c.starts_with('4'));
        assert!(temporary || row.codes.iter().all(|c| c.starts_with('5')), "{row:?}");
        match row.action {
            Action::Suppress | Action::Fail => assert!(!temporary, "{row:?}"),
            Action::SlowDown | Action::Retry => assert!(temporary, "{row:?}"),
            Action::Pause => {}
        }
        assert_eq!(row.action == Action::Pause, row.scope == Scope::Relay && row.action != Action::SlowDown, "{row:?}");
        assert!(row.text.iter().all(|t| *t == t.to_lowercase()), "{row:?}");
    }
}

#[test]
fn a_row_of_the_configuration_is_tried_before_the_shipped_ones() {
    let rows = "[[refusal]]\ncodes = [\"550\"]\nenhanced = [\"5.1.1\"]\ntext = [\"directory is down\"]\nscope = \"relay\"\naction = \"retry\"";
    let rows = toml::from_str::<Refusals>(rows).unwrap().refusal;
    let table = Refusals::behind(&rows).unwrap();
    let judge = |text: &str| table.judge(Phase::Rcpt, &Reply::new(550, text.to_owned()));
    assert_eq!(judge("5.1.1 Directory is down"), Verdict { scope: Scope::Relay, action: Action::Retry });
    assert_eq!(judge("5.1.1 no such user"), Verdict { scope: Scope::Recipient, action: Action::Suppress });
}
