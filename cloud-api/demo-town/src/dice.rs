//! The town's own dice: SplitMix64, so that the same seed gives the same town on every machine and in every release.
//!
//! A library's generator may change its stream between versions; these twelve lines cannot. They make people, never keys.

/// A deterministic stream of numbers.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        // A bias of 2^-32 does not matter to an invented town.
        low + i32::try_from(self.next() % span).unwrap_or(0)
    }

    /// True in `percent` of 100 throws.
    pub(crate) fn chance(&mut self, percent: i32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of the items; they must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let last = i32::try_from(items.len()).unwrap_or(i32::MAX) - 1;
        &items[usize::try_from(self.between(0, last)).unwrap_or(0)]
    }

    /// An index, each as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: &[i32]) -> usize {
        let mut throw = self.between(1, weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            throw -= weight;
            if throw <= 0 {
                return index;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_stream_is_that_of_splitmix64() {
        // First three outputs for seed 1234567, as published with the reference implementation.
        let mut dice = Dice::new(1_234_567);
        assert_eq!(
            [dice.next(), dice.next(), dice.next()],
            [
                6457827717110365317,
                3203168211198807973,
                9817491932198370423
            ]
        );
    }

    #[test]
    fn throws_stay_inside_their_bounds_and_reach_both_ends() {
        let mut dice = Dice::new(7);
        let throws: Vec<i32> = (0..500).map(|_| dice.between(3, 9)).collect();
        assert_eq!(throws.iter().min(), Some(&3));
        assert_eq!(throws.iter().max(), Some(&9));
        assert!(
            (0..500)
                .map(|_| dice.weighted(&[1, 0, 3]))
                .all(|index| index != 1)
        );
    }
}
