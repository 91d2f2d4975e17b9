using System.Runtime.InteropServices;
using Google.Protobuf;

namespace GanFromScratch.Gan.Files;

/// <summary>
/// A Protocol Buffers message whose fields are added by their numbers, in the order of the calls: the formats written here have a dozen
/// small messages each, for which a compiler of `.proto` files would be a hundred megabytes to restore.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _output;

    /// <summary>Makes an empty message.</summary>
    public ProtoMessage() => _output = new CodedOutputStream(_bytes, leaveOpen: true);

    /// <summary>Adds a whole number, an enumeration's too.</summary>
    public ProtoMessage Add(int field, long value)
    {
        _output.WriteTag(field, WireFormat.WireType.Varint);
        _output.WriteInt64(value);
        return this;
    }

    /// <summary>Adds a float.</summary>
    public ProtoMessage Add(int field, float value)
    {
        _output.WriteTag(field, WireFormat.WireType.Fixed32);
        _output.WriteFloat(value);
        return this;
    }

    /// <summary>Adds a double.</summary>
    public ProtoMessage Add(int field, double value)
    {
        _output.WriteTag(field, WireFormat.WireType.Fixed64);
        _output.WriteDouble(value);
        return this;
    }

    /// <summary>Adds a text.</summary>
    public ProtoMessage Add(int field, string value)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteString(value);
        return this;
    }

    /// <summary>Adds bytes.</summary>
    public ProtoMessage Add(int field, ReadOnlySpan<byte> value)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value.ToArray()));
        return this;
    }

    /// <summary>Adds doubles as one packed field.</summary>
    public ProtoMessage Add(int field, ReadOnlySpan<double> values) => Add(field, MemoryMarshal.AsBytes(values)); // little-endian

    /// <summary>Adds a message within this one.</summary>
    public ProtoMessage Add(int field, ProtoMessage message) => Add(field, message.ToSpan());

    /// <summary>Adds a field for each of some numbers.</summary>
    public ProtoMessage AddEach(int field, IEnumerable<int> values) =>
        values.Aggregate(this, (message, value) => message.Add(field, value));

    /// <summary>Adds a field for each of some texts.</summary>
    public ProtoMessage AddEach(int field, IEnumerable<string> values) =>
        values.Aggregate(this, (message, value) => message.Add(field, value));

    /// <summary>Adds a field for each of some messages within this one.</summary>
    public ProtoMessage AddEach(int field, IEnumerable<ProtoMessage> values) =>
        values.Aggregate(this, (message, value) => message.Add(field, value));

    /// <summary>Returns the message's bytes; valid until a field is added.</summary>
    public ReadOnlySpan<byte> ToSpan()
    {
        _output.Flush();
        return _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);
    }
}
