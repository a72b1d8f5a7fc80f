//! A page of a form as it will be printed.

use session::screen::{PageImage, PreviewBody};
use slint::{ComponentHandle, Image, Rgb8Pixel, SharedPixelBuffer};

use super::shared::{Shared, share};
use super::translator::Translator;
use crate::screens::{Kind, Main, PreviewView};

pub(super) fn show(main: &Main, translator: Translator<'_>, body: &PreviewBody) -> Kind {
    let PreviewBody {
        title,
        page: (page, pages),
        image,
    } = body;
    share(
        main,
        translator,
        &Shared {
            title: Some(title),
            ..Shared::default()
        },
    );
    let view = main.global::<PreviewView>();
    view.set_page(i32::try_from(*page).unwrap_or(0));
    view.set_pages(i32::try_from(*pages).unwrap_or(0));
    let picture = image.as_deref().and_then(picture);
    view.set_ready(picture.is_some());
    view.set_picture(picture.unwrap_or_default());
    Kind::Preview
}

/// `None` when the page's size and its bytes do not agree.
fn picture(page: &PageImage) -> Option<Image> {
    let pixels = usize::try_from(page.width)
        .ok()?
        .checked_mul(usize::try_from(page.height).ok()?)?;
    if pixels == 0 || pixels != page.grey.len() {
        tracing::error!("a page picture has the wrong number of bytes");
        return None;
    }
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(page.width, page.height);
    for (pixel, grey) in buffer.make_mut_slice().iter_mut().zip(&page.grey) {
        *pixel = Rgb8Pixel {
            r: *grey,
            g: *grey,
            b: *grey,
        };
    }
    Some(Image::from_rgb8(buffer))
}
