using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>A device that takes programs and keeps their texts, and runs nothing: its memory is no memory, and its numbers are zeros.</summary>
internal sealed class RecordingDevice(ProgramTarget target) : ProgramDevice
{
    public override string Name => "recorder";

    public override ProgramTarget Target => target;

    public override int MostThreadsOfGroup => 1024;

    /// <summary>The texts by their kernels' titles.</summary>
    public SortedDictionary<string, string> Programs { get; } = new(StringComparer.Ordinal);

    public override DeviceProgram Load(string text, string name)
    {
        Programs[TitleOf(text)] = text;
        return new Recorded(name);
    }

    public override void Launch(DeviceProgram program, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
    }

    public override void Synchronize()
    {
    }

    /// <summary>The kernel's name in C#: a text begins with it.</summary>
    public static string TitleOf(string text) => text[3..text.IndexOf(", groups of", StringComparison.Ordinal)];

    protected override void Release()
    {
    }

    protected override Storage Allocate(int capacity) => new Nothing(this, capacity);

    protected internal override void Upload(ReadOnlySpan<float> from, Storage to)
    {
    }

    protected internal override void Download(Storage from, Span<float> to) => to.Clear();

    protected internal override void Fill(Storage storage, int count, float value)
    {
    }

    protected internal override Late ReadLater(Storage from) => new(0);

    private sealed class Nothing(Device device, int capacity) : Storage(device, capacity)
    {
        public override nint Handle => 0;
    }

    private sealed class Recorded(string name) : DeviceProgram
    {
        public override string Name => name;
    }
}
