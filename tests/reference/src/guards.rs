//! A slow, literal twin of the hard guards of plans, written from `docs/PLAN.md` alone.
//!
//! Everything that was chosen goes at first; then each sentence is asked of each image that goes, and what it keeps is put
//! back, until no sentence keeps anything more. Images are numbers, times are seconds.

use std::collections::{BTreeMap, BTreeSet};

/// What was chosen for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chosen {
    /// It is deleted.
    Expire,
    /// It is archived.
    Archive,
    /// It loses tags.
    Untag,
}

/// The status of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It can be pulled.
    Active,
    /// It lies in the archive.
    Archived,
    /// Neither.
    Between,
}

/// One image of a repository.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// Its number; a greater one has a greater digest.
    pub number: u8,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed, where that is known.
    pub pushed: Option<i64>,
    /// Its status.
    pub state: State,
    /// Whether it is an index.
    pub is_index: bool,
    /// The images that it names, where it is an index that was read.
    pub children: Option<Vec<u8>>,
    /// The image that its manifest refers to.
    pub subject: Option<u8>,
    /// Whether it is a container image as far as its media types say, and no chart or the like.
    pub can_run: bool,
    /// What was chosen for it.
    pub chosen: Option<Chosen>,
    /// Whether it is in use, or has to stay with something that is.
    pub is_in_use: bool,
}

/// A repository with what people say about its tags.
#[derive(Debug, Clone)]
pub struct Guards {
    /// The images.
    pub images: Vec<Guarded>,
    /// Tags that are protected, each to the letter.
    pub protected: Vec<String>,
    /// Tags that are held, with the second at which that ends.
    pub held: Vec<(String, i64)>,
    /// The second in which it is asked.
    pub now: i64,
}

impl Guards {
    /// The numbers of the chosen images that stay.
    pub fn stay(&self) -> BTreeSet<u8> {
        let mut going: BTreeMap<u8, Chosen> =
            self.images.iter().filter_map(|image| Some((image.number, image.chosen?))).collect();
        loop {
            let kept: Vec<u8> =
                going.keys().copied().filter(|&number| self.must_stay(number, &going)).collect();
            if !kept.is_empty() {
                going.retain(|number, _| !kept.contains(number));
                continue;
            }
            if !self.leaves_something(&going) {
                going.retain(|_, chosen| *chosen == Chosen::Untag);
            }
            break;
        }
        let chosen = self.images.iter().filter(|image| image.chosen.is_some());
        chosen.map(|image| image.number).filter(|number| !going.contains_key(number)).collect()
    }

    fn image(&self, number: u8) -> Option<&Guarded> {
        self.images.iter().find(|image| image.number == number)
    }

    /// Whether any sentence keeps this image while those go.
    fn must_stay(&self, number: u8, going: &BTreeMap<u8, Chosen>) -> bool {
        let (Some(image), Some(&chosen)) = (self.image(number), going.get(&number)) else { return true };
        image.is_in_use
            || self.is_tied(image)
            || self.is_referred_to_by_what_is_tied(number)
            || image.state == State::Between
            || image.pushed.is_none()
            || self.is_newest(image)
            || (chosen != Chosen::Untag && self.is_part_of_what_stays(number, chosen, going))
            || (chosen != Chosen::Untag && self.may_be_part_of_what_stays(number, going))
    }

    /// A hold that has not ended, or a protected tag.
    fn is_tied(&self, image: &Guarded) -> bool {
        image.tags.iter().any(|tag| {
            self.protected.contains(tag)
                || self.held.iter().any(|(held, until)| held == tag && self.now < *until)
        })
    }

    /// Whether a tied image refers to it, or to something that refers to it, and so on.
    fn is_referred_to_by_what_is_tied(&self, number: u8) -> bool {
        self.images.iter().filter(|image| self.is_tied(image)).any(|tied| {
            let mut at = tied.number;
            for _ in 0..self.images.len() {
                match self.image(at).and_then(|image| self.subject(image)) {
                    Some(subject) if subject == number => return true,
                    Some(subject) => at = subject,
                    None => return false,
                }
            }
            false
        })
    }

    /// The image of the repository that another refers to: by its manifest, else by its first tag of that form.
    fn subject(&self, image: &Guarded) -> Option<u8> {
        self.subjects(image).first().copied()
    }

    /// All images of the repository that another refers to, by its manifest and by each tag of that form.
    fn subjects(&self, image: &Guarded) -> Vec<u8> {
        let by_manifest = image.subject.filter(|subject| self.image(*subject).is_some());
        let by_tags = image.tags.iter().filter_map(|tag| number_in(tag));
        let by_tags = by_tags.filter(|&named| self.image(named).is_some() && named != image.number);
        by_manifest.into_iter().chain(by_tags).collect()
    }

    fn is_root(&self, image: &Guarded) -> bool {
        self.subject(image).is_none() && !self.images.iter().any(|index| names(index, image.number))
    }

    /// Whether no root was pushed after it, of those that can be pulled while there is one; or none that has a name of its own
    /// and can be run.
    fn is_newest(&self, image: &Guarded) -> bool {
        let roots: Vec<&Guarded> =
            self.images.iter().filter(|root| self.is_root(root) && root.pushed.is_some()).collect();
        let newest = |of: &dyn Fn(&Guarded) -> bool| -> Vec<u8> {
            let those: Vec<&&Guarded> = roots.iter().filter(|root| of(root)).collect();
            let is_last = |root: &&&Guarded| those.iter().all(|other| other.pushed <= root.pushed);
            those.iter().filter(|root| is_last(root)).map(|root| root.number).collect()
        };
        let can_be_pulled = |root: &Guarded| root.state == State::Active;
        let mut newest_of_all = newest(&can_be_pulled);
        if newest_of_all.is_empty() {
            newest_of_all = newest(&|root| !can_be_pulled(root));
        }
        let newest_named = newest(&|root| {
            can_be_pulled(root)
                && root.subject.is_none()
                && (root.is_index || root.can_run)
                && root.tags.iter().any(|tag| number_in(tag).is_none())
        });
        newest_of_all.contains(&image.number) || newest_named.contains(&image.number)
    }

    /// Whether an index names it, or it refers to an image, to which less happens.
    fn is_part_of_what_stays(&self, number: u8, chosen: Chosen, going: &BTreeMap<u8, Chosen>) -> bool {
        let refers_to = self.image(number).map_or_else(Vec::new, |image| self.subjects(image));
        self.images.iter().any(|above| {
            let is_above = names(above, number) || refers_to.contains(&above.number);
            let happens = going.get(&above.number);
            let enough = match chosen {
                Chosen::Expire => happens == Some(&Chosen::Expire),
                Chosen::Archive => {
                    matches!(happens, Some(Chosen::Expire | Chosen::Archive))
                        || above.state == State::Archived
                }
                Chosen::Untag => true,
            };
            is_above && !enough
        })
    }

    /// Whether another index was not read, and stays.
    fn may_be_part_of_what_stays(&self, number: u8, going: &BTreeMap<u8, Chosen>) -> bool {
        self.images.iter().any(|index| {
            index.is_index
                && index.children.is_none()
                && index.number != number
                && going.get(&index.number) != Some(&Chosen::Expire)
        })
    }

    /// Whether something is left that can be pulled; where nothing could be before, something.
    fn leaves_something(&self, going: &BTreeMap<u8, Chosen>) -> bool {
        let could = |image: &Guarded| image.state != State::Archived;
        if self.images.iter().any(could) {
            self.images.iter().any(|image| {
                could(image) && !matches!(going.get(&image.number), Some(Chosen::Expire | Chosen::Archive))
            })
        } else {
            self.images.iter().any(|image| going.get(&image.number) != Some(&Chosen::Expire))
        }
    }
}

/// Whether an index names an image.
fn names(index: &Guarded, number: u8) -> bool {
    index.children.as_ref().is_some_and(|children| children.contains(&number))
}

/// The image in a tag such as `sha256-0101….sig`: here every byte of a digest is the number of its image.
fn number_in(tag: &str) -> Option<u8> {
    let rest = tag.strip_prefix("sha256-")?;
    let hex = rest.split('.').next()?;
    let number = u8::from_str_radix(hex.get(..2)?, 16).ok()?;
    (hex == format!("{number:02x}").repeat(32)).then_some(number)
}
