using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class SafetensorsTests
{
    private const string Strange = "a \"quoted\"\\name/with\u0001 é 损失 😀";

    private const string Two =
        """{"b":{"dtype":"F32","shape":[1,4],"data_offsets":[8,24]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    // an independent reader, strict as the format's description is; prints names, shapes and checksums of the values
    private const string NumpyReads = """
        import json, struct, sys
        import numpy
        file = open(sys.argv[1], 'rb').read()
        length, = struct.unpack('<Q', file[:8])
        assert length % 8 == 0 and file[8:9] == b'{'
        header = json.loads(file[8:8 + length].decode('utf-8'))
        data, at = file[8 + length:], 0
        print(json.dumps(header.pop('__metadata__', None)))
        for name, entry in header.items():
            begin, end = entry['data_offsets']
            assert entry['dtype'] == 'F32' and begin == at and set(entry) == {'dtype', 'shape', 'data_offsets'}
            values = numpy.frombuffer(data[begin:end], '<f4').reshape(entry['shape'])
            at = end
            print(json.dumps([name, list(values.shape), float(values.astype('f8').sum()), [float(v) for v in values.ravel()[-2:]]]))
        assert at == len(data)
        """;

    [Test]
    public void NumpyReadsWhatIsWritten()
    {
        string python = ToolRequirement.Python("numpy");
        using var folder = new TemporaryFolder();
        var large = Enumerable.Range(0, 40_000).Select(i => i * 0.25f).ToArray();
        AtomicFile.Write(folder["a.safetensors"], stream => Safetensors.Write(
            stream,
            [("fc1.weight", [200, 200], large), ("fc1.bias", [3], new float[] { 1, -2, 0.5f }), ("step", [], new float[] { 7 }),
                ("none", [0, 4], Array.Empty<float>()), (Strange, [1, 1, 2], new[] { float.MaxValue, float.Epsilon })],
            new Dictionary<string, string> { ["recipe"] = "odog", ["format"] = "pt", ["text"] = Strange }));

        var result = Processes.Run(python, "-c", NumpyReads, folder["a.safetensors"]);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var lines = result.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.That(lines[0].EnumerateObject().Select(p => p.Name), Is.EqualTo(new[] { "format", "recipe", "text" }));
        Assert.That(lines[0].GetProperty("text").GetString(), Is.EqualTo(Strange));
        Assert.That(lines[1..].Select(l => l[0].GetString()), Is.EqualTo(new[] { "fc1.weight", "fc1.bias", "step", "none", Strange }));
        Assert.That(lines[1..].Select(l => l[1].GetRawText()), Is.EqualTo(new[] { "[200, 200]", "[3]", "[]", "[0, 4]", "[1, 1, 2]" }));
        Assert.That(lines[1][2].GetDouble(), Is.EqualTo(0.25 * 39_999 * 40_000 / 2));
        Assert.That(lines[2][2].GetDouble(), Is.EqualTo(-0.5));
        Assert.That(lines[5][3].EnumerateArray().Select(v => (float)v.GetDouble()), Is.EqualTo(new[] { float.MaxValue, float.Epsilon }));
    }

    [Test]
    public void EveryByteIsWhatTheFormatSays()
    {
        var file = Written([("b", [2], new float[] { 1, -2 }), ("a", [], new[] { float.NaN })], new() { ["z"] = "1", ["A"] = "2" });
        const string Header = """{"__metadata__":{"A":"2","z":"1"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"""
            + ""","a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}""";
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.That(length % 8, Is.Zero);
        Assert.That(System.Text.Encoding.UTF8.GetString(file, 8, length), Is.EqualTo(Header.PadRight((Header.Length + 7) / 8 * 8)));
        Assert.That(Convert.ToHexString(file[(8 + length)..]), Is.EqualTo("0000803F" + "000000C0" + "0000C0FF"));
    }

    [Test]
    public void TheDataAreAlignedWhateverTheHeader()
    {
        for (int n = 0; n < 20; n++)
        {
            var file = Written([(new string('n', n), [1], new float[] { 3 })], null);
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file);
            Assert.That(length % 8, Is.Zero);
            Assert.That(file, Has.Length.EqualTo(8 + (int)length + 4));
            var header = JsonDocument.Parse(file.AsMemory(8, (int)length)).RootElement;
            Assert.That(header.EnumerateObject().Single().Name, Is.EqualTo(new string('n', n)));
            Assert.That(BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(8 + (int)length)), Is.EqualTo(3f));
        }
    }

    [Test]
    public void NothingIsAFileToo()
    {
        var file = Written([], null);
        Assert.That(file, Is.EqualTo("\u0008\0\0\0\0\0\0\0{}      "u8.ToArray()));
    }

    [Test]
    public void MetadatasOrderChangesNothing() => Assert.That(
        Written([], new() { ["a"] = "1", ["B"] = "2", ["é"] = "3" }),
        Is.EqualTo(Written([], new() { ["é"] = "3", ["B"] = "2", ["a"] = "1" })));

    [Test]
    public void MistakesAreRefusedBeforeAnythingIsWritten()
    {
        using var stream = new MemoryStream();
        Assert.Throws<ArgumentException>(() => Safetensors.Write(stream, [("a", [1], new float[1]), ("a", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(stream, [("__metadata__", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(stream, [("a", [2, 3], new float[5])]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(stream, [("a", [-1, -5], new float[5])]));
        Assert.That(stream.Length, Is.Zero);
    }

    // what readers of this format have got wrong: a tensor is the next bytes of the file, each byte is of one tensor, and each name is once
    [TestCase(Two, 24, null)]
    [TestCase(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""",
        16, "two tensors named 'a'")]
    [TestCase(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        8, "byte 8 comes next")]
    [TestCase(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        12, "byte 8 comes next")]
    [TestCase(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""",
        20, "byte 8 comes next")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "byte 0 comes next")]
    [TestCase(Two, 28, "4 bytes at its end belong to no tensor")]
    [TestCase(Two, 20, "'b' has the bytes 8 to 24 of 20")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "'a' is [3], which doesn't match its 8 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", 8, "'a' is [-1,-2], which doesn't match its 8 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[65536,65536,2,0],"data_offsets":[0,8]}}""", 8, "which doesn't match its 8 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1073741824,4],"data_offsets":[0,0]}}""", 0, "which doesn't match its 0 bytes")]
    [TestCase("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", 4, "'a' has the type F16")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "'a' has the bytes 8 to 0 of 8")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.5]}}""", 8, "its header is not the JSON of the format")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,8]}}""", 8, "'a' has 'shape' twice")]
    [TestCase("""{"__metadata__":{"step":"1","step":"2"}}""", 0, "'__metadata__' has 'step' twice")]
    [TestCase("""{"__metadata__":{},"__metadata__":{}}""", 0, "it has '__metadata__' twice")]
    [TestCase("""[]""", 0, "its header is not the JSON of the format")]
    public void WhatDoesNotFitTheDescriptionIsRefused(string header, int bytes, string? says)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        using var folder = new TestFolder();
        string file = folder.File("a.safetensors", [.. length, .. text, .. new byte[bytes]]);
        if (says is null)
            Assert.That(SafetensorsFile.Read(file).ShapeOf("b").ToArray(), Is.EqualTo(new[] { 1, 4 }));
        else
            Assert.That(Assert.Throws<GanException>(() => SafetensorsFile.Read(file))!.Message, Does.Contain(says));
    }

    [TestCase(100_000_001UL)]
    [TestCase(1UL << 40)]
    [TestCase(ulong.MaxValue)]
    [TestCase(17UL)]
    public void AHeadersLengthSizesNoMemory(ulong claimed)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, claimed);
        using var folder = new TestFolder();
        string file = folder.File("a.safetensors", [.. length, .. "{}              "u8]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Throws<GanException>(() => SafetensorsFile.Read(file))!;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
        Assert.That(fault.Message, Does.Contain($"its header claims {claimed} bytes, and the file has 24"));
    }

    private static byte[] Written((string, int[], ReadOnlyMemory<float>)[] tensors, Dictionary<string, string>? metadata) =>
        Pictures.Bytes(stream => Safetensors.Write(stream, tensors, metadata));
}
