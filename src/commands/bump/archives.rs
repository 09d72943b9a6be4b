//! What the apt repositories of a stack list for a pin.

use super::look::Problem;
use crate::commands::{ENGINE_FAILED, VERIFICATION_FAILED, WRONG};
use crate::model::Stack;
use crate::upstream::Release;
use crate::upstream::apt::Trouble;
use crate::upstream::apt::catalog::{Catalog, Offer, Unknown};
use crate::upstream::http::Http;

/// The repositories, and how to ask them.
#[derive(Debug)]
pub(super) struct Archives<'a> {
    pub(super) stack: &'a Stack,
    pub(super) catalog: &'a Catalog<'a>,
    pub(super) http: &'a Http,
}

impl Archives<'_> {
    /// The versions of a package that a download of a component is.
    pub(super) fn releases(&self, component: &str, package: &str) -> Result<Vec<Release>, Problem> {
        let offers = self.offers(component, package)?.map_err(|help| Problem {
            message: format!("no repository of the spec has a package `{package}`"),
            help: help.or_else(|| Some("see how it is called there".to_owned())),
            status: WRONG,
        })?;
        Ok(offers.into_iter().map(Release::from).collect())
    }

    /// The versions of a package that the repositories beside a component have; where none has the package, perhaps what
    /// name was meant.
    pub(super) fn offers(
        &self,
        component: &str,
        package: &str,
    ) -> Result<Result<Vec<Offer>, Option<String>>, Problem> {
        let repositories = self.stack.repositories_beside(component);
        if repositories.is_empty() {
            return Err(Problem {
                message: format!("the spec declares no repository that could have `{package}`"),
                help: Some(format!(
                    "declare the one that has it in `{component}`, with its key: [apt.repositories.NAME] uri = \"…\""
                )),
                status: WRONG,
            });
        }
        match self.catalog.offers(self.http, &repositories, package) {
            Ok(offers) => Ok(Ok(offers)),
            Err(Unknown::Package(help)) => Ok(Err(help)),
            Err(Unknown::Trouble(trouble)) => Err(trouble.into()),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let status = match &trouble {
            Trouble::Distrust { .. } => VERIFICATION_FAILED,
            Trouble::Failure(_) => ENGINE_FAILED,
        };
        Self { message: trouble.to_string(), help: trouble.help(), status }
    }
}
