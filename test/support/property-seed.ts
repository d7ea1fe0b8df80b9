import fc from 'fast-check';

/**
 * Where properties begin to draw their cases. The same in every run, so that a verdict is about the
 * code; `npm run test:endurance` draws another one each time.
 */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_260_131) });
