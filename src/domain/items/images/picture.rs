//! Looking at the pixels of an image, and making smaller ones (08 §11.2).

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader};

/// An image and what is wanted of it.
pub(super) struct Picture {
    bytes: Vec<u8>,
    limit: Option<u32>,
    thumbnail: Option<u32>,
}

/// The bytes to store, and those of the small picture.
type Pictures = (Vec<u8>, Option<Vec<u8>>);

impl Picture {
    pub(super) const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, limit: None, thumbnail: None }
    }

    /// Its longer side shall have that many pixels.
    pub(super) fn limit(self, pixels: Option<u32>) -> Self {
        Self { limit: pixels, ..self }
    }

    /// A small picture with that many pixels on its longer side is wanted.
    pub(super) fn thumbnail(self, pixels: Option<u32>) -> Self {
        Self { thumbnail: pixels, ..self }
    }

    /// None when the bytes are no image. Pixels are looked at only where other ones are to be made of them.
    pub(super) async fn read(self) -> Option<Pictures> {
        if self.limit.is_none() && self.thumbnail.is_none() {
            reader(&self.bytes)?.into_dimensions().ok()?;
            return Some((self.bytes, None));
        }
        tokio::task::spawn_blocking(move || self.scaled()).await.ok().flatten()
    }

    fn scaled(self) -> Option<Pictures> {
        let image = reader(&self.bytes)?.decode().ok()?;
        // QUIRK(08 §11.2): the small picture is made of the image that was made smaller.
        let (image, bytes) = match self.limit {
            Some(pixels) => {
                let scaled = scaled(&image, pixels);
                let bytes = png(&scaled)?;
                (scaled, bytes)
            }
            None => (image, self.bytes),
        };
        let thumbnail = match self.thumbnail {
            Some(pixels) => Some(png(&scaled(&image, pixels))?),
            None => None,
        };
        Some((bytes, thumbnail))
    }
}

/// A reader that refuses images whose pixels would fill the memory.
fn reader(bytes: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.format()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(256 * 1_048_576);
    reader.limits(limits);
    Some(reader)
}

/// The longer side gets that many pixels, larger or smaller than before.
fn scaled(image: &DynamicImage, pixels: u32) -> DynamicImage {
    let (width, height) = (image.width().max(1), image.height().max(1));
    let other = |long: u32, short: u32| {
        let scaled = u64::from(short) * u64::from(pixels) / u64::from(long);
        u32::try_from(scaled).unwrap_or(pixels).max(1)
    };
    let (width, height) = if width >= height {
        (pixels, other(width, height))
    } else {
        (other(height, width), pixels)
    };
    image.resize_exact(width, height, FilterType::CatmullRom)
}

fn png(image: &DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    // Every pixel format becomes one that PNG knows.
    DynamicImage::from(image.to_rgba8()).write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        png(&DynamicImage::new_rgb8(40, 20)).unwrap()
    }

    fn size(bytes: &[u8]) -> (u32, u32) {
        reader(bytes).unwrap().into_dimensions().unwrap()
    }

    #[tokio::test]
    async fn without_limits_the_bytes_stay() {
        assert_eq!(Picture::new(sample()).read().await, Some((sample(), None)));
        assert_eq!(Picture::new(b"no image".to_vec()).read().await, None);
        assert_eq!(Picture::new(Vec::new()).read().await, None);
    }

    #[tokio::test]
    async fn the_longer_side_gets_the_pixels_that_were_asked_for() {
        let picture = Picture::new(sample()).limit(Some(80)).thumbnail(Some(10));
        let (bytes, thumbnail) = picture.read().await.unwrap();
        assert_eq!((size(&bytes), size(&thumbnail.unwrap())), ((80, 40), (10, 5)));
    }
}
