//! How a team builds and publishes its images: what differs between the workflows of teams.

use std::fmt;

use super::Name;
use super::download::Url;
use super::names::{Sha256, checked_string};
use super::reference::{Digest, Reference, Tag};

/// `[ci]`.
#[derive(Clone, Debug)]
pub struct Ci {
    /// The branch whose images are published.
    pub branch: Branch,
    /// Labels of the machines that do the work.
    pub runner: Vec<Label>,
    /// What is built.
    pub variants: Vec<Name>,
    /// Tags besides those of the commit, the branch and the stack.
    pub tags: Vec<Tag>,
    /// The least severity of a vulnerability that stops an image; none for any.
    pub severity: Option<Severity>,
    /// Whether those count that nobody has a fix for.
    pub unfixed: bool,
    /// When pins are moved; never without a time.
    pub bump: Option<Schedule>,
    /// When pins are verified; never without a time.
    pub verify: Option<Schedule>,
    /// Whether a builder's disk is freed first; decided by the budget of an image where that is not said.
    pub free_disk: Option<bool>,
    /// Whether a list of what is in an image is pushed with it.
    pub sbom: bool,
    /// Whether it is pushed how an image was built.
    pub provenance: bool,
    /// Who pushes.
    pub login: Login,
    /// Where rdspec itself comes from.
    pub rdspec: Install,
}

/// How bad a vulnerability is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Critical alone.
    Critical,
    /// High and worse.
    High,
    /// Medium and worse.
    Medium,
    /// Low and worse.
    Low,
}

/// The account that pushes.
#[derive(Clone, Debug)]
pub enum Login {
    /// Names of the secrets that hold a user's name and password.
    Secrets {
        /// Of the name.
        username: SecretVariable,
        /// Of the password.
        password: SecretVariable,
    },
    /// The token that GitHub gives each run, which its own registry takes.
    GithubToken,
}

/// What a builder installs rdspec from.
#[derive(Clone, Debug)]
pub enum Install {
    /// Its source, in a folder of the repository.
    Source(FolderPath),
    /// A program that is downloaded.
    Program {
        /// From where.
        url: Url,
        /// What it has to be.
        sha256: Sha256,
    },
    /// An image that has it as /usr/local/bin/rdspec.
    Image {
        /// Its name.
        reference: Reference,
        /// What it has to be.
        digest: Digest,
    },
}

impl Ci {
    /// What holds where the spec says nothing, of a stack with this default variant.
    pub fn defaults(variant: &Name) -> Option<Self> {
        Some(Self {
            branch: Branch::parse("main").ok()?,
            runner: vec![Label::parse("ubuntu-24.04").ok()?],
            variants: vec![variant.clone()],
            tags: Vec::new(),
            severity: Some(Severity::Critical),
            unfixed: false,
            bump: Schedule::parse("23 5 * * 1").ok(),
            verify: Schedule::parse("23 4 * * *").ok(),
            free_disk: None,
            sbom: true,
            provenance: true,
            login: Login::Secrets {
                username: SecretVariable::parse("REGISTRY_USERNAME").ok()?,
                password: SecretVariable::parse("REGISTRY_PASSWORD").ok()?,
            },
            rdspec: Install::Source(FolderPath::parse(".").ok()?),
        })
    }
}

checked_string! {
    /// A branch, as a workflow can name it without meaning a pattern: git-check-ref-format(1), without the signs of
    /// GitHub's filter patterns.
    Branch, |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
        // Filters of branches are compared with what stands behind that: such a branch is never published.
        if let Some(name) = text.strip_prefix("refs/heads/").filter(|name| !name.is_empty()) {
            return Err(format!("is the whole name of a ref; the branch is {name:?}"));
        }
        if text.starts_with("refs/") {
            return Err("begins with `refs/`, as no branch does: write its own name, such as \"main\"".into());
        }
        if text.is_empty() || !text.chars().all(plain) {
            return Err("is empty or has something else than letters, digits, `.`, `_`, `-` and `/`".into());
        }
        let parts_are_good = text.split('/').all(|part| {
            !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with('.') && !part.contains("..")
        });
        if !parts_are_good {
            return Err("is no name of a branch: git-check-ref-format(1)".into());
        }
        Ok(())
    }
}

impl Branch {
    /// What images of the branch are tagged with: a tag has no `/`.
    pub fn tag(&self) -> String {
        self.as_str().replace('/', "-")
    }
}

checked_string! {
    /// A label of a runner: a line of anything but an expression, which the forge would evaluate.
    Label, |text| {
        if text.trim().is_empty() {
            return Err("is empty".into());
        }
        if text.contains("${{") {
            return Err("contains `${{`, which begins an expression".into());
        }
        if text.chars().any(char::is_control) {
            return Err("contains a control character".into());
        }
        Ok(())
    }
}

checked_string! {
    /// The name of a secret of a repository, by GitHub's rules for them.
    SecretVariable, |text| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text.is_empty() || !text.chars().all(allowed) || text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("is no name of a secret: letters, digits and `_`, not beginning with a digit".into());
        }
        if text.to_ascii_uppercase().starts_with("GITHUB_") {
            return Err("begins with GITHUB_, which GitHub keeps for itself".into());
        }
        Ok(())
    }
}

checked_string! {
    /// A folder of the repository, `.` for its top.
    FolderPath, |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_part = |part: &str| !part.is_empty() && part.chars().all(plain) && !part.starts_with(['.', '-']);
        if text != "." && !text.split('/').all(is_part) {
            return Err("is no relative path of plain names".into());
        }
        Ok(())
    }
}

/// The fields of a schedule, each with its least and greatest number.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), (DAY_OF_WEEK, 0, 6)];

/// GitHub counts it from Sunday, and has no second Sunday behind Saturday ("Events that trigger workflows", schedule).
const DAY_OF_WEEK: &str = "day of the week";

checked_string! {
    /// When something is done, in UTC: five fields as in crontab(5), in numbers.
    Schedule, |text| {
        let fields: Vec<&str> = text.split(' ').collect();
        if fields.len() != FIELDS.len() {
            return Err("has not five fields with one space between them".into());
        }
        for (field, (name, least, greatest)) in fields.iter().zip(FIELDS) {
            if !field.split(',').all(|item| is_time(item, least, greatest)) {
                let sunday = if name == DAY_OF_WEEK { ", Sunday being 0" } else { "" };
                return Err(format!(
                    "has {field:?} as its {name}; that is `*`, or in numbers from {least} to {greatest}{sunday}: one, a range as `1-5`, \
                     a step as `*/2`, or a list of these as `1,3-5`"
                ));
            }
        }
        Ok(())
    }
}

/// Whether an item of a field is `*`, a number or a range, with a step behind `/` where it has one.
fn is_time(item: &str, least: u32, greatest: u32) -> bool {
    let number = |text: &str| {
        let digits =
            !text.is_empty() && text.len() <= 2 && text.bytes().all(|c| c.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    let (range, step) =
        item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
    let step_is_good = step.is_none_or(|step| number(step).is_some_and(|step| step > 0));
    let within = |value: u32| (least..=greatest).contains(&value);
    let range_is_good = match range.split_once('-') {
        _ if range == "*" => true,
        Some((from, to)) => match (number(from), number(to)) {
            (Some(from), Some(to)) => within(from) && within(to) && from <= to,
            _ => false,
        },
        // A step needs something to step through.
        None => step.is_none() && number(range).is_some_and(within),
    };
    step_is_good && range_is_good
}

impl Severity {
    /// It and all that is worse, as scanners call them.
    pub fn and_worse(self) -> Vec<&'static str> {
        let all = [
            (Self::Critical, "CRITICAL"),
            (Self::High, "HIGH"),
            (Self::Medium, "MEDIUM"),
            (Self::Low, "LOW"),
        ];
        all.into_iter().filter(|(severity, _)| *severity <= self).map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_what_cron_reads() {
        for good in ["0 0 * * *", "23 5 * * 1", "*/15 0-6,22 1-31/2 1,7 1-5", "59 23 31 12 6"] {
            assert!(Schedule::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "daily",
            "0 0 * *",
            "60 0 * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0 0 * * 7",
            "0 0 * * mon-fri",
            "0 0 1 JAN *",
            "0  0 * * *",
            "5/2 * * * *",
            "*/0 * * * *",
            "6-2 * * * *",
            "+1 * * * *",
            "0 0 * * 1\n",
        ] {
            assert!(Schedule::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn branches_and_secrets_mean_nothing_else() {
        for good in ["main", "release/1.x", "a-b_c"] {
            assert!(Branch::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a*", "-a", "a//b", "a..b", "a b", "a/.b", "!a", "${{ x }}", "refs/tags/1"]
        {
            assert!(Branch::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Branch::parse("release/1.x").map(|branch| branch.tag()),
            Ok("release-1.x".into())
        );
        let whole = Branch::parse("refs/heads/release/1.x").unwrap_err();
        assert!(whole.ends_with("the branch is \"release/1.x\""), "{whole}");
        assert!(Branch::parse("refs-of-mine").is_ok() && Branch::parse("a/refs/heads/b").is_ok());
        assert!(SecretVariable::parse("REGISTRY_USER").is_ok());
        for bad in ["", "1A", "A-B", "github_x", "a.b", "X }} ${{ Y"] {
            assert!(SecretVariable::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_gate_holds_back_what_is_as_bad_or_worse() {
        assert_eq!(Severity::Critical.and_worse(), ["CRITICAL"]);
        assert_eq!(Severity::Medium.and_worse(), ["CRITICAL", "HIGH", "MEDIUM"]);
    }
}
