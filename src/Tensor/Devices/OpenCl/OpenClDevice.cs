using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>A device of an OpenCL driver, 1.2 or newer: one context and one queue, which keeps the order.</summary>
public sealed unsafe class OpenClDevice : QueuedDevice
{
    private const ulong ProfilingEnable = 1 << 1, ReadWrite = 1, AllocHostPointer = 1 << 4, MapReadWrite = 3;
    private const uint ContextPlatform = 0x1084, ProfilingStart = 0x1282, ProfilingEnd = 0x1283;
    private const int RunsPerFlush = 32;

    private readonly OpenClLibrary _cl;
    private readonly OpenClCompiler _compiler;
    private readonly nint _context, _queue;
    private readonly List<nint> _kernels = [];
    private readonly Dictionary<nint, nint> _hostBuffers = [];
    private int _runsToFlush = RunsPerFlush;

    internal OpenClDevice(OpenClLibrary cl, FoundOpenClDevice found, DeviceSettings settings)
        : base(found.Description, settings)
    {
        _cl = cl;
        MostThreadsOfGroup = found.MostThreadsOfGroup;
        nint device = found.Device;
        nint* properties = stackalloc nint[] { (nint)ContextPlatform, found.Platform, 0 };
        int code;
        try
        {
            _context = cl.CreateContext(properties, 1, &device, null, null, &code);
            OpenClException.Check(code, "clCreateContext");
            _queue = cl.CreateCommandQueue(_context, device, settings.DebugLevel >= 2 ? ProfilingEnable : 0, &code);
            OpenClException.Check(code, "clCreateCommandQueue");
        }
        catch (OpenClException fault)
        {
            Close();
            throw new DeviceException(
                $"The device {Description} can't be opened: {fault.Message}. Other programs may be using it, or its driver is broken.", fault);
        }
        _compiler = new OpenClCompiler(cl, _context, device, found.RoundsCorrectly);
        SayOpened();
    }

    /// <inheritdoc/>
    public override ProgramTarget Target { get; } = new OpenClTarget();

    /// <inheritdoc/>
    public override int MostThreadsOfGroup { get; }

    private protected override string CompilerOptions => _compiler.Options;

    private protected override DeviceProgram Compile(string text, string name, out byte[] binary) =>
        Kernel(_compiler.FromText(text, out binary), name);

    private protected override DeviceProgram LoadBinary(byte[] binary, string name) => Kernel(_compiler.FromBinary(binary), name);

    private protected override RunMarks Run(
        LoadedProgram program, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments, bool timed)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            ulong bits = arguments[i].Bits;
            OpenClException.Check(_cl.SetKernelArg(program.Kernel, (uint)i, (nuint)arguments[i].Size, &bits), "clSetKernelArg");
        }
        nuint* threads = stackalloc nuint[] { (nuint)grid.X * (nuint)groupSize, (nuint)grid.Y, (nuint)grid.Z };
        nuint* group = stackalloc nuint[] { (nuint)groupSize, 1, 1 };
        nint done = 0;
        int code = _cl.EnqueueNDRangeKernel(_queue, program.Kernel, 3, null, threads, group, 0, null, timed ? &done : null);
        OpenClException.Check(code, "clEnqueueNDRangeKernel");
        if (--_runsToFlush == 0)
            FlushQueue(); // a driver may keep commands to itself until then
        return new RunMarks(0, done);
    }

    private protected override void Finish() => OpenClException.Check(_cl.Finish(_queue), "clFinish");

    private protected override void Close()
    {
        foreach (nint kernel in _kernels)
            _ = _cl.ReleaseKernel(kernel);
        if (_queue != 0)
            _ = _cl.ReleaseCommandQueue(_queue);
        if (_context != 0)
            _ = _cl.ReleaseContext(_context);
    }

    private protected override nint AllocateMemory(nuint bytes) => CreateBuffer(ReadWrite, bytes);

    private protected override void FreeMemory(nint memory) => OpenClException.Check(_cl.ReleaseMemObject(memory), "clReleaseMemObject");

    private protected override void FillWords(Storage storage, uint word, nuint words)
    {
        int code = _cl.EnqueueFillBuffer(_queue, storage.Handle, &word, sizeof(uint), 0, words * sizeof(uint), 0, null, null);
        OpenClException.Check(code, "clEnqueueFillBuffer");
    }

    // A mapped buffer is how drivers are asked for host memory that copies needn't pass through a buffer of their own.
    internal override nint AllocateHost(nuint bytes)
    {
        nint buffer = CreateBuffer(ReadWrite | AllocHostPointer, bytes);
        int code;
        void* memory = _cl.EnqueueMapBuffer(_queue, buffer, 1, MapReadWrite, 0, bytes, 0, null, null, &code);
        if (code != 0)
            FreeMemory(buffer);
        OpenClException.Check(code, "clEnqueueMapBuffer");
        _hostBuffers.Add((nint)memory, buffer);
        return (nint)memory;
    }

    internal override void FreeHost(nint memory)
    {
        _hostBuffers.Remove(memory, out nint buffer);
        OpenClException.Check(_cl.EnqueueUnmapMemObject(_queue, buffer, (void*)memory, 0, null, null), "clEnqueueUnmapMemObject");
        Finish();
        FreeMemory(buffer);
    }

    internal override void CopyToDevice(Storage to, nuint offset, nint from, nuint bytes, ref nint mark)
    {
        nint done;
        int code = _cl.EnqueueWriteBuffer(_queue, to.Handle, 0, offset, bytes, (void*)from, 0, null, &done);
        OpenClException.Check(code, "clEnqueueWriteBuffer");
        Replace(ref mark, done);
    }

    internal override void CopyToHost(nint to, Storage from, nuint offset, nuint bytes, ref nint mark)
    {
        nint done;
        int code = _cl.EnqueueReadBuffer(_queue, from.Handle, 0, offset, bytes, (void*)to, 0, null, &done);
        OpenClException.Check(code, "clEnqueueReadBuffer");
        Replace(ref mark, done);
        FlushQueue(); // its reader comes late, and must not be the one who starts the work
    }

    internal override void Wait(nint mark) => OpenClException.Check(_cl.WaitForEvents(1, &mark), "clWaitForEvents");

    internal override void Drop(nint mark) => OpenClException.Check(_cl.ReleaseEvent(mark), "clReleaseEvent");

    internal override double Milliseconds(RunMarks marks)
    {
        Wait(marks.To);
        ulong start, end; // in nanoseconds
        OpenClException.Check(_cl.GetEventProfilingInfo(marks.To, ProfilingStart, sizeof(ulong), &start, null), "clGetEventProfilingInfo");
        OpenClException.Check(_cl.GetEventProfilingInfo(marks.To, ProfilingEnd, sizeof(ulong), &end, null), "clGetEventProfilingInfo");
        Drop(marks.To);
        return (end - start) / 1e6;
    }

    private LoadedProgram Kernel(nint program, string name)
    {
        int code;
        nint kernel;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            kernel = _cl.CreateKernel(program, text, &code);
        _ = _cl.ReleaseProgram(program); // the kernel keeps it
        OpenClException.Check(code, "clCreateKernel");
        _kernels.Add(kernel);
        return new LoadedProgram(name, kernel);
    }

    private nint CreateBuffer(ulong flags, nuint bytes)
    {
        int code;
        nint buffer = _cl.CreateBuffer(_context, flags, bytes, null, &code);
        OpenClException.Check(code, "clCreateBuffer");
        return buffer;
    }

    private void FlushQueue()
    {
        _runsToFlush = RunsPerFlush;
        OpenClException.Check(_cl.Flush(_queue), "clFlush");
    }

    private void Replace(ref nint mark, nint done)
    {
        if (mark != 0)
            Drop(mark);
        mark = done;
    }
}
