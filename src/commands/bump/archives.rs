//! What the apt repositories of a stack list for a pin.

use super::look::Problem;
use crate::commands::{ENGINE_FAILED, VERIFICATION_FAILED};
use crate::model::Stack;
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

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let status = match &trouble {
            Trouble::Distrust { .. } => VERIFICATION_FAILED,
            Trouble::Failure(_) => ENGINE_FAILED,
        };
        Self { message: trouble.to_string(), help: trouble.help(), status }
    }
}
