//! Parts that one answer holds.

use super::super::halt::{Halt, Result};
use super::Reader;
use crate::api::ApiError;
use crate::record::{Id, Record};
use crate::resource::{self, Parts, Shape};
use crate::store::mirror::Place;
use crate::store::parts::Part;
use std::collections::BTreeSet;

impl Reader<'_> {
    /// A list that one answer holds, or a record that is put together.
    pub(super) fn answer(&mut self, parts: Parts) -> Result<()> {
        let resource = self.place.resource;
        let path = resource.list.path;
        match parts {
            Parts::Company => self.compare(&Part::All, &|reader| Ok(vec![reader.api.company(resource)?])),
            Parts::DetailedAnswer => {
                let query = [("fieldset", "detailed".to_owned())];
                self.compare(&Part::All, &|reader| {
                    Ok(reader.api.answer(resource, path, &query, Shape::Records, None)?)
                })
            }
            Parts::Answer(shape) => {
                self.compare(&Part::All, &|reader| Ok(reader.api.answer(resource, path, &[], shape, None)?))
            }
            _ => Ok(()),
        }
    }

    /// One of several lists of a path, by a parameter. What the token may not read of them is left out.
    pub(super) fn answer_of(
        &mut self,
        parameter: &'static str,
        value: &str,
        column: &'static str,
        shape: Shape,
    ) -> Result<()> {
        let resource = self.place.resource;
        let query = [(parameter, value.to_owned())];
        let of_rows = match shape {
            Shape::Numerations => resource::of_document_type(value).map_or(value, |r| r.name),
            _ => value,
        };
        let part = Part::Of { column, value: of_rows.to_owned() };
        let compared = self.compare(&part, &|reader| {
            Ok(reader.api.answer(resource, resource.list.path, &query, shape, Some(value))?)
        });
        match compared {
            Err(Halt::Api(ApiError::Scope(_))) => Ok(()),
            other => other,
        }
    }

    /// A list for each row of another resource type, and the rows of lists that are not there any more.
    pub(super) fn of_each(
        &mut self,
        parent: &'static str,
        below: &'static str,
        column: &'static str,
        shape: Shape,
    ) -> Result<()> {
        let resource = self.place.resource;
        let mut lists = BTreeSet::new();
        if let Some(parent) = resource::by_name(parent) {
            let place = Place { account_id: self.place.account_id, resource: parent };
            lists.extend(self.store.all_ids(place)?.iter().map(Id::to_string));
        }
        lists.extend(self.store.values_of(self.place, column)?);
        let lists: Vec<String> = lists.into_iter().collect();
        self.each(&lists, |reader, list| {
            let part = Part::Of { column, value: list.clone() };
            let path = format!("{}/{}{below}", resource.list.path, crate::api::pages::segment(list));
            reader.compare(&part, &|reader| match reader.api.answer(resource, &path, &[], shape, Some(list)) {
                Err(ApiError::NotFound(_)) => Ok(Vec::<Record>::new()),
                other => Ok(other?),
            })
        })
    }
}
