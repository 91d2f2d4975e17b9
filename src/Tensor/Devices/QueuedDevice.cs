namespace GanFromScratch.Tensors;

/// <summary>
/// A device behind a driver with one queue. Here is what such devices have in common: the way numbers travel, the cache of programs,
/// timings, and the words for errors. A device itself gives the driver's calls below, each of which may throw a <see
/// cref="DriverException"/>.
/// </summary>
public abstract class QueuedDevice : ProgramDevice
{
    private readonly DeviceSettings _settings;
    private readonly ProgramCache _cache;
    private readonly KernelTimings? _timings;
    private readonly HashSet<nint> _blocks = [];
    private StagingRing? _staging;
    private LateRing? _late;

    private protected QueuedDevice(DeviceDescription description, DeviceSettings settings)
    {
        (Description, _settings) = (description, settings);
        _cache = new ProgramCache(settings.Cache);
        _timings = settings.DebugLevel >= 2 ? new KernelTimings(description.Name, Milliseconds) : null;
    }

    /// <inheritdoc/>
    public override string Name => Description.Name;

    /// <summary>What the driver says of the device.</summary>
    public DeviceDescription Description { get; }

    /// <summary>How many programs the driver had to compile, because the cache on disk didn't have them.</summary>
    public int ProgramsCompiled { get; private set; }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        try
        {
            Finish();
        }
        catch (DriverException fault)
        {
            throw Failed("finished its work", fault);
        }
    }

    /// <inheritdoc/>
    public override DeviceProgram Load(string text, string name)
    {
        string key = ProgramCache.Key(text, name, Description.Driver, Description.Model, $"{Target}", CompilerOptions);
        try
        {
            if (_cache.Find(key) is { } kept && LoadKept(kept, name) is { } found)
                return found;
            var program = Compile(text, name, out byte[] binary);
            ProgramsCompiled++;
            if (binary.Length > 0)
                _cache.Keep(key, binary);
            return program;
        }
        catch (DriverException fault) when (fault.Fault == DriverFault.RejectedProgram)
        {
            throw Rejected(text, name, fault);
        }
        catch (DriverException fault)
        {
            throw Failed($"compiled {name}", fault);
        }
    }

    /// <inheritdoc/>
    public override void Launch(DeviceProgram program, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        var loaded = (LoadedProgram)program;
        try
        {
            var marks = Run(loaded, grid, groupSize, arguments, timed: _timings is not null);
            _timings?.Add(loaded.Name, marks);
        }
        catch (DriverException fault)
        {
            throw Failed($"ran {loaded.Name}", fault);
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        try
        {
            Finish();
            _timings?.Print(_settings.Log);
            if (_settings.DebugLevel >= 1)
                _settings.Log.WriteLine($"{Description}: {Taken} for tensors, {ProgramsCompiled} programs compiled");
            _staging?.Free();
            _late?.Free();
            foreach (nint block in _blocks)
                FreeMemory(block);
        }
        catch (DriverException)
        {
            // A device that failed fails here again, and its user knows already. What isn't given back here is when the process ends.
        }
        Close();
    }

    /// <inheritdoc/>
    protected override Storage Allocate(int capacity)
    {
        nuint bytes = (nuint)capacity * sizeof(float);
        try
        {
            nint block = AllocateOrMakeRoom(bytes);
            _blocks.Add(block);
            return new DeviceStorage(this, capacity, block);
        }
        catch (DriverException fault) when (fault.Fault == DriverFault.OutOfMemory)
        {
            throw OutOfMemory($"another {ByteCount.Words(bytes)}", fault);
        }
        catch (DriverException fault)
        {
            throw Failed("gave memory", fault);
        }
    }

    private nint AllocateOrMakeRoom(nuint bytes)
    {
        try
        {
            return AllocateMemory(bytes);
        }
        catch (DriverException fault) when (fault.Fault == DriverFault.OutOfMemory)
        {
            var idle = TakeIdle();
            if (idle.Count == 0)
                throw;
            Finish(); // what still works on them
            foreach (var block in idle)
            {
                FreeMemory(block.Handle);
                _blocks.Remove(block.Handle);
            }
            return AllocateMemory(bytes);
        }
    }

    /// <inheritdoc/>
    protected internal override void Upload(ReadOnlySpan<float> from, Storage to)
    {
        try
        {
            (_staging ??= new StagingRing(this)).Upload(from, to);
        }
        catch (DriverException fault)
        {
            throw Failed("took numbers", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override void Download(Storage from, Span<float> to)
    {
        try
        {
            (_staging ??= new StagingRing(this)).Download(from, to);
        }
        catch (DriverException fault)
        {
            throw Failed("handed numbers over", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override void Fill(Storage storage, int count, float value)
    {
        if (count == 0)
            return; // which drivers call an error
        try
        {
            FillWords(storage, BitConverter.SingleToUInt32Bits(value), (nuint)count);
        }
        catch (DriverException fault)
        {
            throw Failed("set numbers", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override Late ReadLater(Storage from)
    {
        try
        {
            return (_late ??= new LateRing(this)).Ask(from);
        }
        catch (DriverException fault)
        {
            throw Failed("was asked for a number", fault);
        }
    }

    /// <inheritdoc/>
    protected internal override float Await(long ticket)
    {
        try
        {
            return _late?.Await(ticket) ?? base.Await(ticket);
        }
        catch (DriverException fault)
        {
            throw Failed("computed a number", fault);
        }
    }

    /// <summary>Says that the device was opened, with GAN_DEBUG=1.</summary>
    private protected void SayOpened()
    {
        if (_settings.DebugLevel < 1)
            return;
        _settings.Log.WriteLine(
            $"{Description}: {Description.Driver}, {ByteCount.Words(Description.Memory)}, takes {Target}; programs are kept in {_settings.Cache}");
    }

    private string Taken => ByteCount.Words((ulong)AllocatedBytes);

    /// <summary>What the compiler is told besides the text.</summary>
    private protected abstract string CompilerOptions { get; }

    /// <summary>Compiles a text, and gives the binary that <see cref="LoadBinary"/> takes, or none.</summary>
    private protected abstract DeviceProgram Compile(string text, string name, out byte[] binary);

    /// <summary>Loads what <see cref="Compile"/> gave.</summary>
    private protected abstract DeviceProgram LoadBinary(byte[] binary, string name);

    /// <summary>Queues a run of a kernel.</summary>
    /// <returns>The marks that tell its time, where it is <paramref name="timed"/>.</returns>
    private protected abstract RunMarks Run(
        LoadedProgram program, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments, bool timed);

    /// <summary>Waits for all work.</summary>
    private protected abstract void Finish();

    /// <summary>Gives back programs, queue and context. It fails silently.</summary>
    private protected abstract void Close();

    /// <summary>New memory of the device.</summary>
    private protected abstract nint AllocateMemory(nuint bytes);

    /// <summary>Gives memory of the device back.</summary>
    private protected abstract void FreeMemory(nint memory);

    /// <summary>Bytes that are free, or null where the driver doesn't say.</summary>
    private protected virtual ulong? FreeBytes() => null;

    /// <summary>Queues that words of four bytes are set.</summary>
    private protected abstract void FillWords(Storage storage, uint word, nuint words);

    /// <summary>Host memory that copies can run beside the caller's work from and to.</summary>
    internal abstract nint AllocateHost(nuint bytes);

    /// <summary>Gives host memory back.</summary>
    internal abstract void FreeHost(nint memory);

    /// <summary>
    /// Queues a copy to a block, from an offset in bytes. Its end becomes the mark; an older mark there is used again or given back.
    /// </summary>
    internal abstract void CopyToDevice(Storage to, nuint offset, nint from, nuint bytes, ref nint mark);

    /// <summary>Queues a copy from a block, from an offset in bytes. Marks are treated likewise.</summary>
    internal abstract void CopyToHost(nint to, Storage from, nuint offset, nuint bytes, ref nint mark);

    /// <summary>Waits until the queue has come to a mark.</summary>
    internal abstract void Wait(nint mark);

    /// <summary>Gives a mark back.</summary>
    internal abstract void Drop(nint mark);

    /// <summary>Waits for a timed run, tells how long it took, and gives its marks back.</summary>
    internal abstract double Milliseconds(RunMarks marks);

    // A file from another driver of the same version may still be refused: then it is as good as none.
    private DeviceProgram? LoadKept(byte[] binary, string name)
    {
        try
        {
            return LoadBinary(binary, name);
        }
        catch (DriverException)
        {
            return null;
        }
    }

    private DeviceException Failed(string doing, DriverException fault) => fault.Fault == DriverFault.OutOfMemory
        ? OutOfMemory("more", fault)
        : new DeviceException(
            $"The device {Description} failed while it {doing}: {fault.Message}. What it was computing is lost; run again, or on another device.",
            fault);

    private DeviceException OutOfMemory(string asked, DriverException fault)
    {
        string free = FreeNow() is { } bytes ? $", of which {ByteCount.Words(bytes)} are free" : "";
        return new DeviceException(
            $"The device {Description} has no memory for {asked}: tensors of this process take {Taken}, and it has "
            + $"{ByteCount.Words(Description.Memory)} in all{free} ({fault.Message}). A smaller batch needs less.",
            fault);
    }

    private ulong? FreeNow()
    {
        try
        {
            return FreeBytes();
        }
        catch (DriverException)
        {
            return null; // the sentence does without it
        }
    }

    private DeviceException Rejected(string text, string name, DriverException fault)
    {
        const int MostLines = 6;
        string[] log = fault.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string ending = Target is PtxTarget ? ".ptx" : ".cl";
        string place = _cache.KeepRejected(text, name, ending) is { } path ? $"The text is in {path}" : "The text could not be written to a file";
        string says = string.Join("\n  ", log.Take(MostLines));
        return new DeviceException($"The compiler of {Description} rejects the kernel {name}. {place}; {Description.Driver} says:\n  {says}", fault);
    }
}
