//! What the apt repositories of a stack list for a pin.

use crate::commands::WRONG;
use crate::commands::problem::Problem;
use crate::model::Stack;
use crate::upstream::Release;
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
    /// The versions of the package that a download of a component is.
    pub(super) fn releases(&self, component: &str, package: &str) -> Result<Vec<Release>, Problem> {
        let wrong =
            |message: String, help: String| Problem { message, help: Some(help), status: WRONG };
        let repositories = self.stack.repositories_beside(component);
        if repositories.is_empty() {
            return Err(wrong(
                format!("the spec declares no repository that could have the package `{package}`"),
                format!(
                    "declare the one that has it in `{component}`, with its key: [apt.repositories.NAME] uri = \"…\""
                ),
            ));
        }
        match self.catalog.offers(self.http, &repositories, package) {
            Ok(offers) => Ok(offers.into_iter().map(Release::from).collect()),
            Err(Unknown::Trouble(trouble)) => Err(trouble.into()),
            Err(Unknown::Package(help)) => Err(wrong(
                format!("no repository of the spec has a package `{package}`"),
                help.unwrap_or_else(|| "see how it is called there".to_owned()),
            )),
        }
    }

    /// The versions of a package that the repositories beside a component have; none where they do not have the package,
    /// or there are none.
    pub(super) fn beside(
        &self,
        component: &str,
        package: &str,
    ) -> Result<Option<Vec<Offer>>, Problem> {
        let repositories = self.stack.repositories_beside(component);
        match self.catalog.offers(self.http, &repositories, package) {
            Ok(offers) => Ok(Some(offers)),
            Err(Unknown::Package(_)) => Ok(None),
            Err(Unknown::Trouble(trouble)) => Err(trouble.into()),
        }
    }
}
