//! A set that mostly has one member.

use std::{
    collections::{BTreeSet, btree_set},
    ops::RangeBounds,
    option,
};

/// A sorted set that mostly has one member, which then costs no more than itself: an id occurs once, and of most items one
/// statement is all that is said. A `BTreeSet` keeps room for eleven.
#[derive(Debug, Clone, Default)]
pub(super) enum Few<T> {
    #[default]
    None,
    One(T),
    /// Two or more, until members are removed again.
    Many(BTreeSet<T>),
}

impl<T: Ord> Few<T> {
    /// Adds a member; `false` where it was there.
    pub(super) fn insert(&mut self, new: T) -> bool {
        match self {
            Few::None => {
                *self = Few::One(new);
                true
            }
            Few::One(one) if *one == new => false,
            Few::One(_) => {
                let Few::One(one) = std::mem::take(self) else {
                    return false;
                };
                *self = Few::Many(BTreeSet::from([one, new]));
                true
            }
            Few::Many(many) => many.insert(new),
        }
    }

    /// Takes a member away; `false` where it was not there.
    pub(super) fn remove(&mut self, old: &T) -> bool {
        match self {
            Few::None => false,
            Few::One(one) if one == old => {
                *self = Few::None;
                true
            }
            Few::One(_) => false,
            Few::Many(many) => {
                let was = many.remove(old);
                if many.len() <= 1 {
                    *self = many.pop_first().map_or(Few::None, Few::One);
                }
                was
            }
        }
    }

    /// Whether it has no member.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Few::None)
    }

    /// The smallest member.
    pub(super) fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// The members, sorted.
    pub(super) fn iter(&self) -> Iter<'_, T> {
        match self {
            Few::None => Iter::none(),
            Few::One(one) => Iter::one(one),
            Few::Many(many) => Iter::Many(many.iter()),
        }
    }

    /// The members in a range, sorted.
    pub(super) fn range<R: RangeBounds<T>>(&self, range: R) -> impl Iterator<Item = &T> {
        let (one, many) = match self {
            Few::None => (None, None),
            Few::One(one) => (Some(one).filter(|one| range.contains(one)), None),
            Few::Many(many) => (None, Some(many.range(range))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

impl<'a, T: Ord> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// The members of a [`Few`].
pub(super) enum Iter<'a, T> {
    One(option::IntoIter<&'a T>),
    Many(btree_set::Iter<'a, T>),
}

impl<'a, T> Iter<'a, T> {
    /// Of no member.
    pub(super) fn none() -> Self {
        Iter::One(None.into_iter())
    }

    /// Of one member.
    pub(super) fn one(member: &'a T) -> Self {
        Iter::One(Some(member).into_iter())
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        match self {
            Iter::One(one) => one.next(),
            Iter::Many(many) => many.next(),
        }
    }
}

impl<T> DoubleEndedIterator for Iter<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Iter::One(one) => one.next_back(),
            Iter::Many(many) => many.next_back(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_a_set_is(changes in prop::collection::vec((any::<bool>(), 0..5u8), 0..40)) {
            let (mut few, mut set) = (Few::default(), BTreeSet::new());
            for (add, n) in changes {
                if add {
                    prop_assert_eq!(few.insert(n), set.insert(n));
                } else {
                    prop_assert_eq!(few.remove(&n), set.remove(&n));
                }
                prop_assert!(few.iter().eq(&set));
                prop_assert!(few.iter().rev().eq(set.iter().rev()));
                prop_assert!(few.range(1..3).eq(set.range(1..3)));
                prop_assert_eq!(few.first(), set.first());
                prop_assert_eq!(few.is_empty(), set.is_empty());
                // One member costs no tree.
                prop_assert_eq!(matches!(few, Few::Many(_)), set.len() > 1);
            }
        }
    }
}
