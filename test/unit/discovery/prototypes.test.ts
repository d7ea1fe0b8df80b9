import assert from 'node:assert/strict';
import { readNames } from '../../../src/discovery/prototypes';

describe('the reader of metadata takes whatever shape it comes in', () => {
  const columns = [
    { name: 'Comp_Name', type: 'text' },
    { name: 'Comp_UpdatedDate', type: 'date' },
  ];
  for (const [shape, body] of Object.entries({
    'a map of properties': {
      $properties: {
        Comp_Name: { $type: 'xs:string' },
        Comp_UpdatedDate: { $type: 'xs:dateTime' },
      },
    },
    'a list of properties': {
      $properties: [
        { $name: 'Comp_Name', $type: 'application/x-string' },
        { $name: 'Comp_UpdatedDate', $type: 'application/x-datetime' },
      ],
    },
    'a feed of properties': {
      $resources: [
        { name: 'Comp_Name', type: 'string' },
        { name: 'Comp_UpdatedDate', type: 'date' },
      ],
    },
    'a feed of one prototype': {
      $resources: [
        {
          $key: 'company',
          $properties: { Comp_Name: { type: 'Text' }, Comp_UpdatedDate: { type: 'DateTime' } },
        },
      ],
    },
    'a bare map': { Comp_Name: { type: 'string' }, Comp_UpdatedDate: { type: 'datetime' } },
  })) {
    it(`such as ${shape}`, () => {
      assert.deepEqual(readNames(body), columns);
    });
  }

  for (const [shape, body] of Object.entries({
    'a list of names': ['company', 'person'],
    'a template with values': { $key: null, company: null, person: '' },
    'addresses alone': { $resources: [{ $url: 'http://h/-/company' }, { url: '/-/person/' }] },
  })) {
    it(`such as ${shape}`, () => {
      assert.deepEqual(
        readNames(body).map(({ name }) => name),
        ['company', 'person'],
      );
    });
  }

  it('keeps a title that says more than the name', () => {
    const body = [{ $key: 'company', $title: 'Companies' }];
    assert.deepEqual(readNames(body), [{ name: 'company', title: 'Companies' }]);
  });

  for (const body of [null, 'text', 7, [], {}, { $resources: [] }, [[[[['deep']]]]]]) {
    it(`but not ${JSON.stringify(body)}`, () => {
      assert.throws(() => readNames(body), { code: 'RESPONSE_SHAPE' });
    });
  }
});
