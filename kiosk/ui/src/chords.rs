//! Keys that would end the kiosk. The window's back end on DRM/KMS leaves its loop at Ctrl+Alt+Backspace and
//! Ctrl+Alt+Delete, so a resident with a USB keyboard could end the program: those two never reach it.

/// Key codes of the kernel (linux/input-event-codes.h).
const CONTROLS: [u32; 2] = [29, 97];
const ALTS: [u32; 2] = [56, 100];
const ENDING: [u32; 2] = [14, 111];

/// Which of the four modifier keys are down.
#[derive(Default)]
pub(crate) struct Chords {
    down: Vec<u32>,
}

impl Chords {
    /// Takes note of a key; whether it must go no further.
    pub(crate) fn swallows(&mut self, key: u32, pressed: bool) -> bool {
        if CONTROLS.contains(&key) || ALTS.contains(&key) {
            self.down.retain(|held| *held != key);
            if pressed {
                self.down.push(key);
            }
        }
        let held = |keys: [u32; 2]| self.down.iter().any(|key| keys.contains(key));
        pressed && ENDING.contains(&key) && held(CONTROLS) && held(ALTS)
    }
}

#[cfg(test)]
mod tests {
    use super::Chords;

    #[test]
    fn only_the_whole_chord_is_swallowed() {
        for control in [29, 97] {
            for alt in [56, 100] {
                for ending in [14, 111] {
                    let mut chords = Chords::default();
                    assert!(!chords.swallows(ending, true), "alone it deletes");
                    assert!(!chords.swallows(control, true));
                    assert!(!chords.swallows(ending, true));
                    assert!(!chords.swallows(alt, true));
                    assert!(!chords.swallows(30, true), "another letter");
                    assert!(chords.swallows(ending, true));
                    assert!(!chords.swallows(ending, false), "a release ends nothing");
                    assert!(!chords.swallows(control, false));
                    assert!(!chords.swallows(ending, true));
                }
            }
        }
    }
}
