import { byteSize, folder, onOrOff, wholeNumber } from './readers.ts'
import { setting } from './setting.ts'

/** Settings of what users keep beside their accounts. */
export const resourceSettings = {
  perUser: {
    housesMax: setting('HOUSES_PER_USER', {
      default: '10000',
      read: wholeNumber(1, 1_000_000),
      description:
        'Maximum number of houses of one user, 1 to 1000000; one more gets 409 `limit_reached`. Users who already have more keep them. A user may send as many new `Idempotency-Key`s in one day (UTC), and at least 10000.',
    }),
  },
  uploads: {
    directory: setting('UPLOADS_DIR', {
      default: './data/uploads',
      read: folder,
      description:
        'Folder for uploaded photos. If it does not exist, the server creates it for its own user only. Several servers must share one folder. In a backup, copy it after the database: a photo is here before the database lists it.',
    }),
  },
  photos: {
    bytesPerUser: setting('PHOTO_BYTES_PER_USER', {
      default: '200MiB',
      read: byteSize('1KiB', '1TiB'),
      description:
        'Maximum size of all stored photos in the houses of one user: 1KiB to 1TiB. A photo beyond it gets 409 `limit_reached`. A photo that an admin adds counts for the owner of the house. A size is a whole number with `KiB`, `MiB`, `GiB` or `TiB`.',
    }),
    waitingPerUser: setting('PHOTOS_WAITING_PER_USER', {
      default: '2',
      read: wholeNumber(1, 16),
      description:
        'How many photos of one user may wait in the queue for the decoder, 1 to 16; one more gets 429. In addition, one may be arriving and one may be decoded. [photos.md](photos.md) explains the queue.',
    }),
  },
  samples: {
    notes: setting('NOTES', {
      default: 'on',
      read: onOrOff,
      description:
        '`off` leaves the sample out: `/notes` is 404, and the reference and `/dashboard` do not have it. What is in the database stays, and goes with its account.',
    }),
    houses: setting('HOUSES', {
      default: 'on',
      read: onOrOff,
      description: '`off` leaves out houses and their photos, as `NOTES` does.',
    }),
  },
}
