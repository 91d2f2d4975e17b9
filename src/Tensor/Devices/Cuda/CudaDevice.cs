namespace GanFromScratch.Tensors;

/// <summary>A device of an NVIDIA driver: its primary context, and one stream.</summary>
public sealed class CudaDevice : QueuedDevice
{
    private readonly ICudaDriver _driver;

    /// <summary>Opens a device.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="number">Its number for the device.</param>
    /// <param name="settings">Where compiled programs are kept, and how much is said.</param>
    /// <exception cref="DeviceException">It can't be used or opened.</exception>
    internal CudaDevice(ICudaDriver driver, int number, DeviceSettings settings)
        : base(Describe(driver, number), settings)
    {
        _driver = driver;
        if (Description.Refusal is { } refusal)
            throw new DeviceException($"The device {Description} can't be used: {refusal}.");
        Target = CudaTargets.For(driver.Version, driver.Describe(number).Architecture);
        try
        {
            driver.Open(number);
        }
        catch (CudaException fault)
        {
            throw new DeviceException(
                $"The device {Description} can't be opened: {fault.Message}. Another program may hold it alone, or its memory is full.", fault);
        }
        SayOpened();
    }

    /// <inheritdoc/>
    public override ProgramTarget Target { get; }

    /// <inheritdoc/>
    public override int MostThreadsOfGroup => 1024; // of every compute capability from 2.0 on

    private protected override string CompilerOptions => "";

    /// <summary>What a driver says of one of its devices, and whether it can be used.</summary>
    internal static DeviceDescription Describe(ICudaDriver driver, int number)
    {
        var found = driver.Describe(number);
        string version = $"NVIDIA driver for CUDA {CudaTargets.CudaVersion(driver.Version)}";
        string? refusal = CudaTargets.Refusal(driver.Version, found.Architecture);
        return new DeviceDescription($"cuda:{number}", found.Name, version, found.TotalMemory, IsCpu: false, refusal);
    }

    private protected override DeviceProgram Compile(string text, string name, out byte[] binary)
    {
        binary = _driver.Compile(text);
        return LoadBinary(binary, name);
    }

    private protected override DeviceProgram LoadBinary(byte[] binary, string name) => new LoadedProgram(name, _driver.Load(binary, name));

    private protected override RunMarks Run(
        LoadedProgram program, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments, bool timed)
    {
        if (!timed)
        {
            _driver.Launch(program.Kernel, grid, groupSize, arguments);
            return default;
        }
        var marks = new RunMarks(_driver.CreateEvent(timing: true), _driver.CreateEvent(timing: true));
        _driver.Record(marks.From);
        _driver.Launch(program.Kernel, grid, groupSize, arguments);
        _driver.Record(marks.To);
        return marks;
    }

    private protected override void Finish() => _driver.Synchronize();

    private protected override void Close() => _driver.Close();

    private protected override nint AllocateMemory(nuint bytes) => _driver.Allocate(bytes);

    private protected override void FreeMemory(nint memory) => _driver.Free(memory);

    private protected override ulong? FreeBytes() => _driver.FreeMemory();

    private protected override void FillWords(Storage storage, uint word, nuint words) => _driver.Fill(storage.Handle, word, words);

    internal override nint AllocateHost(nuint bytes) => _driver.AllocateHost(bytes);

    internal override void FreeHost(nint memory) => _driver.FreeHost(memory);

    internal override void CopyToDevice(Storage to, nuint offset, nint from, nuint bytes, ref nint mark)
    {
        _driver.CopyToDevice(to.Handle + (nint)offset, from, bytes);
        Mark(ref mark);
    }

    internal override void CopyToHost(nint to, Storage from, nuint offset, nuint bytes, ref nint mark)
    {
        _driver.CopyToHost(to, from.Handle + (nint)offset, bytes);
        Mark(ref mark);
    }

    internal override void Wait(nint mark) => _driver.Wait(mark);

    internal override void Drop(nint mark) => _driver.DestroyEvent(mark);

    internal override double Milliseconds(RunMarks marks)
    {
        Wait(marks.To);
        double milliseconds = _driver.Elapsed(marks.From, marks.To);
        Drop(marks.From);
        Drop(marks.To);
        return milliseconds;
    }

    private void Mark(ref nint mark)
    {
        if (mark == 0)
            mark = _driver.CreateEvent(timing: false);
        _driver.Record(mark);
    }
}
