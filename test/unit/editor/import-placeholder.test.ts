import assert from 'node:assert/strict';
import { isSecretPlaceholder, isTextPlaceholder } from '../../../nodes/editor/import/placeholder';

describe('a password in an instance file', () => {
  for (const text of [
    ...['', '  ', '********', '•••••', 'xxxxx', 'XXXXXXXX', '...', '######'],
    ...['<YOUR_PASSWORD>', '<password>', '{{password}}', '[password]', '%PASSWORD%'],
    ...['${PASSWORD}', '$(PASSWORD)', 'REPLACE_ME', 'your-password', 'Enter password here'],
    ...['changeme', 'password', 'Secret', '__PWRD__', 'redacted', 'null'],
  ]) {
    it(`is a placeholder as ${JSON.stringify(text)}`, () => {
      assert.equal(isSecretPlaceholder(text), true);
    });
  }

  for (const text of [
    'Str0ng-enough',
    'my-dog-has-fl3as',
    'x',
    'a<b>c',
    'passw0rd!',
    '*a*',
    'tür',
  ]) {
    it(`is taken over as ${JSON.stringify(text)}`, () => {
      assert.equal(isSecretPlaceholder(text), false);
    });
  }

  it('is judged at once, however long it is', () => {
    assert.equal(isSecretPlaceholder(`my${'a'.repeat(200_000)}1`), false);
  });
});

describe('other text in an instance file', () => {
  for (const text of ['', '<YOUR_USERNAME>', 'sagecrm-0.<YOUR_TENANT>.com', 'xxxxx', 'YOUR_NAME']) {
    it(`is a gap as ${JSON.stringify(text)}`, () => {
      assert.equal(isTextPlaceholder(text), true);
    });
  }

  for (const text of ['crm.example.com', 'My CRM server', '${CRM_HOST}', 'password', 'a < b']) {
    it(`is taken over as ${JSON.stringify(text)}`, () => {
      assert.equal(isTextPlaceholder(text), false);
    });
  }
});
