//! Rules of sudo: exact command lines that the image's user may run as somebody else (sudoers(5)).

use super::account::AccountName;
use super::names::Line;
use super::path::AbsolutePath;
use crate::source::Span;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SudoRule {
    /// The program, an absolute path.
    pub program: AbsolutePath,
    /// Exactly these arguments.
    pub arguments: Vec<String>,
    /// As whom it runs.
    pub run_as: AccountName,
    /// Whether the user's password is asked for.
    pub password: bool,
    /// What else holds while it runs, in the order of [`Tag::ALL`].
    pub tags: Vec<Tag>,
    /// Why a program that can start any other is allowed all the same.
    pub unsafe_because: Option<Line>,
    /// Where the command was written.
    pub span: Span,
    /// Where it was written as whom it runs; else the command.
    pub run_as_span: Span,
}

impl SudoRule {
    /// Whether sudo would take the later one of the two, for it is about the same command as the same user.
    pub fn matches(&self, other: &Self) -> bool {
        (&self.program, &self.arguments, &self.run_as)
            == (&other.program, &other.arguments, &other.run_as)
    }

    /// The command line.
    pub fn command(&self) -> String {
        let words = std::iter::once(self.program.as_str());
        words.chain(self.arguments.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }
}

/// A tag that takes rights away, or decides about logs and mail: sudoers(5), "Tag_Spec".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// The program starts no other one.
    NoExec,
    /// Programs that it starts have to be allowed, too; sudo 1.9.8 and later.
    Intercept,
    /// The user hands over no variables.
    NoSetEnv,
    /// What is typed is logged.
    LogInput,
    /// What is typed is not logged.
    NoLogInput,
    /// What is printed is logged.
    LogOutput,
    /// What is printed is not logged.
    NoLogOutput,
    /// Mail is sent when it runs.
    Mail,
    /// No mail is sent when it runs.
    NoMail,
}

impl Tag {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 9] = [
        Self::NoExec,
        Self::Intercept,
        Self::NoSetEnv,
        Self::LogInput,
        Self::NoLogInput,
        Self::LogOutput,
        Self::NoLogOutput,
        Self::Mail,
        Self::NoMail,
    ];

    /// Its name in sudoers and in the spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoExec => "NOEXEC",
            Self::Intercept => "INTERCEPT",
            Self::NoSetEnv => "NOSETENV",
            Self::LogInput => "LOG_INPUT",
            Self::NoLogInput => "NOLOG_INPUT",
            Self::LogOutput => "LOG_OUTPUT",
            Self::NoLogOutput => "NOLOG_OUTPUT",
            Self::Mail => "MAIL",
            Self::NoMail => "NOMAIL",
        }
    }

    /// The tag that says the contrary.
    pub fn contrary(self) -> Option<Self> {
        match self {
            Self::LogInput => Some(Self::NoLogInput),
            Self::NoLogInput => Some(Self::LogInput),
            Self::LogOutput => Some(Self::NoLogOutput),
            Self::NoLogOutput => Some(Self::LogOutput),
            Self::Mail => Some(Self::NoMail),
            Self::NoMail => Some(Self::Mail),
            Self::NoExec | Self::Intercept | Self::NoSetEnv => None,
        }
    }
}
