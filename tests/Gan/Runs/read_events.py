"""
Prints the events of TensorBoard files as JSON, one a line: read by Google's own protobuf for Python and Debian's crc32c. Of pictures and histograms it prints
what a test compares: the bytes' SHA-256, the counts.
"""
import hashlib
import json
import struct
import sys

import crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
MESSAGES = {  # as in tensorboard/compat/proto: name, number, type; + for repeated
    'Event': [('wall_time', 1, 'double'), ('step', 2, 'int64'), ('file_version', 3, 'string'), ('summary', 5, 'Summary'),
              ('session_log', 7, 'SessionLog')],
    'SessionLog': [('status', 1, 'int32')],
    'Summary': [('value', 1, '+Value')],
    'Value': [('tag', 1, 'string'), ('simple_value', 2, 'float'), ('image', 4, 'Image'), ('histo', 5, 'Histogram'), ('tensor', 8, 'Tensor'),
              ('metadata', 9, 'Metadata')],
    'Image': [('height', 1, 'int32'), ('width', 2, 'int32'), ('colorspace', 3, 'int32'), ('encoded_image_string', 4, 'bytes')],
    'Histogram': [('min', 1, 'double'), ('max', 2, 'double'), ('num', 3, 'double'), ('sum', 4, 'double'), ('sum_squares', 5, 'double'),
                  ('bucket_limit', 6, '+double'), ('bucket', 7, '+double')],
    'Tensor': [('dtype', 1, 'int32'), ('tensor_shape', 2, 'Extents'), ('string_val', 8, '+bytes')],
    'Extents': [('dim', 2, '+Extent')],
    'Extent': [('size', 1, 'int64')],
    'Metadata': [('plugin_data', 1, 'Plugin'), ('data_class', 4, 'int32')],
    'Plugin': [('plugin_name', 1, 'string')],
}


def event_type():
    file = descriptor_pb2.FileDescriptorProto(name='events.proto', package='events', syntax='proto3')
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            repeated, kind = kind.startswith('+'), kind.lstrip('+')
            added = message.field.add(name=field, number=number, label=FIELD.LABEL_REPEATED if repeated else FIELD.LABEL_OPTIONAL)
            if kind in MESSAGES:
                added.type, added.type_name = FIELD.TYPE_MESSAGE, f'.events.{kind}'
            else:
                added.type = getattr(FIELD, f'TYPE_{kind.upper()}')
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName('events.Event'))


def records(path):
    def check(data, expected):
        checksum = crc32c.crc32c(data)
        masked = (((checksum >> 15) | (checksum << 17)) + 0xa282ead8) & 0xffffffff
        assert masked == expected, 'a checksum is wrong'

    with open(path, 'rb') as file:
        while head := file.read(12):
            length, expected = struct.unpack('<QI', head)
            check(head[:8], expected)
            data = file.read(length)
            assert len(data) == length, 'cut off'
            check(data, struct.unpack('<I', file.read(4))[0])
            yield data


def described(event):
    values = []
    for value in event.summary.value:
        found = {'tag': value.tag}
        if value.HasField('image'):
            image = value.image
            found['image'] = [image.height, image.width, image.colorspace, hashlib.sha256(image.encoded_image_string).hexdigest()]
        elif value.HasField('histo'):
            histogram = value.histo
            found['histogram'] = [histogram.num, sum(histogram.bucket), histogram.min, histogram.max, histogram.bucket_limit[-1]]
            assert len(histogram.bucket) == len(histogram.bucket_limit) and list(histogram.bucket_limit) == sorted(histogram.bucket_limit)
        elif value.HasField('tensor'):
            assert value.tensor.dtype == 7 and [d.size for d in value.tensor.tensor_shape.dim] == [1]
            found['text'], found['plugin'] = value.tensor.string_val[0].decode(), value.metadata.plugin_data.plugin_name
        else:
            found['scalar'] = value.simple_value
        values.append(found)
    return {'step': event.step, 'time': event.wall_time, 'version': event.file_version, 'status': event.session_log.status, 'values': values}


Event = event_type()
for path in sys.argv[1:]:
    for record in records(path):
        print(json.dumps(described(Event.FromString(record))))
