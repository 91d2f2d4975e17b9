using System.Buffers.Binary;
using System.Numerics;

namespace GanFromScratch.Gan.Files;

// record: length u64, masked CRC32C of these 8 bytes u32, the event's bytes, masked CRC32C of them u32; little-endian

/// <summary>
/// A file of events as TensorBoard reads it: records of TensorFlow's TFRecord format, each a message `Event`
/// (https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto).
/// </summary>
internal sealed class EventFile
{
    private const string Version = "brain.Event:2";
    private readonly string _path;
    private readonly MemoryStream _records = new();

    /// <summary>Creates the file, or empties it.</summary>
    /// <param name="path">The file; TensorBoard looks for `tfevents` in its name.</param>
    /// <param name="firstStep">The steps taken so far; a reader forgets what earlier files say of later ones.</param>
    public EventFile(string path, int firstStep)
    {
        _path = path;
        const int Start = 1;
        Add(0, new ProtoMessage(), version: Version);
        if (firstStep > 0)
            Add(firstStep + 1, new ProtoMessage().Add(7, new ProtoMessage().Add(1, Start))); // what is of this step or later is forgotten
        AtomicFile.Write(path, stream => _records.WriteTo(stream));
        _records.SetLength(0);
    }

    /// <summary>Adds values to be written.</summary>
    /// <param name="step">The step that they are of.</param>
    /// <param name="values">Messages `Summary.Value`.</param>
    public void Add(int step, IEnumerable<ProtoMessage> values) =>
        Add(step, new ProtoMessage().Add(5, new ProtoMessage().AddEach(1, values)));

    /// <summary>Writes what was added.</summary>
    /// <exception cref="Errors.GanException">Writing: writing failed; the file is as before.</exception>
    public void Write()
    {
        if (_records.Length > 0)
            AppendLog.Append(_path, _records.GetBuffer().AsSpan(0, (int)_records.Length));
        _records.SetLength(0);
    }

    /// <summary>Returns the cyclic redundancy check of a record's part: CRC32C, turned so that records within records stay apart.</summary>
    internal static uint Check(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return BitOperations.RotateRight(~sum, 15) + 0xA282EAD8;
    }

    private void Add(int step, ProtoMessage content, string? version = null)
    {
        double seconds = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        var about = new ProtoMessage().Add(1, seconds).Add(2, step);
        if (version is not null)
            about.Add(3, version);
        byte[] message = [.. about.ToSpan(), .. content.ToSpan()]; // fields may come in any order
        Span<byte> head = stackalloc byte[sizeof(ulong) + sizeof(uint)], tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(ulong)..], Check(head[..sizeof(ulong)]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Check(message));
        _records.Write(head);
        _records.Write(message);
        _records.Write(tail);
    }
}
