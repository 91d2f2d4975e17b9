using System.Text;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The interpreting driver answers as a CUDA driver does.</summary>
public class InterpretedCudaTests
{
    private const int Threads = 256;

    private readonly string _text = PtxPrograms.Head + PtxPrograms.TreeSum;
    private InterpretedCuda _driver = null!;

    [SetUp]
    public void Open()
    {
        _driver = new InterpretedCuda(architecture: 70, version: 11080, memory: 1 << 20);
        _driver.Open(0);
    }

    [TearDown]
    public void Close() => _driver.Close();

    [Test]
    public void SaysWhatItIs()
    {
        Assert.That(_driver.Version, Is.EqualTo(11080));
        Assert.That(_driver.DeviceCount, Is.EqualTo(1));
        Assert.That(_driver.Describe(0), Is.EqualTo(new CudaDescription("PTX interpreter", 70, 1 << 20, 1)));
        Assert.That(() => _driver.Describe(1), Fails(101, "device 1"));
    }

    [Test]
    public void CountsItsMemory()
    {
        nint block = _driver.Allocate(1000);
        Assert.That(_driver.FreeMemory(), Is.EqualTo((1 << 20) - 1000));
        Assert.That(_driver.Blocks, Is.EqualTo(1));
        Assert.That(() => _driver.Allocate(1 << 20), Fails(2, "bytes"));
        _driver.Free(block);
        Assert.That(_driver.Blocks, Is.Zero);
        Assert.That(() => _driver.Free(block), Fails(1, "no block"));
        Assert.That(() => _driver.Allocate(0), Fails(1, "no bytes"));
        Assert.That(_driver.FreeMemory(), Is.EqualTo(1 << 20));
    }

    [Test]
    public unsafe void FillsAndCopiesWithinBlocks()
    {
        nint block = _driver.Allocate(16), host = _driver.AllocateHost(16);
        var seen = new Span<uint>((void*)host, 4);
        _driver.CopyToHost(host, block, 16);
        Assert.That(seen.ToArray(), Is.All.EqualTo(uint.MaxValue), "new memory is NaN");
        _driver.Fill(block + 4, 7, 2);
        _driver.CopyToHost(host, block, 16);
        Assert.That(seen.ToArray(), Is.EqualTo(new[] { uint.MaxValue, 7u, 7u, uint.MaxValue }));
        seen[3] = 9;
        _driver.CopyToDevice(block, host + 12, 4);
        _driver.CopyToHost(host, block, 4);
        Assert.That(seen[0], Is.EqualTo(9));

        Assert.That(() => _driver.Fill(block, 0, 5), Fails(1, "device's memory"));
        Assert.That(() => _driver.Fill(block + 2, 0, 1), Fails(1, "aligned"));
        Assert.That(() => _driver.CopyToHost(host, block + 4, 16), Fails(1, "device's memory"));
        Assert.That(() => _driver.CopyToDevice(block, host + 4, 16), Fails(1, "host's memory"));
        Assert.That(() => _driver.CopyToDevice(host, host, 16), Fails(1, "device's memory"));
        _driver.FreeHost(host);
        Assert.That(() => _driver.FreeHost(host), Fails(1, "no block"));
        Assert.That(() => _driver.CopyToHost(host, block, 16), Fails(1, "host's memory"));
    }

    [Test]
    public void CompilesWhatTheDeviceCanRun()
    {
        Assert.That(Encoding.UTF8.GetString(_driver.Compile(_text)), Is.EqualTo(_text));
        Assert.That(_driver.Compile(_text.Replace(".version 6.0", ".version 7.8")), Is.Not.Empty);
        Assert.That(() => _driver.Compile(_text.Replace(".version 6.0", ".version 8.0")), Fails(222, "PTX 8.0 is newer than CUDA 11080"));
        Assert.That(() => _driver.Compile(_text.Replace("sm_50", "sm_80")), Fails(209, "sm_80"));
        Assert.That(() => _driver.Compile("hello"), Fails(218, "line 1"));
        Assert.That(() => _driver.Compile(_text.Replace("add.rn.f32", "add.rn.ftz.f32")), Fails(218, "not interpreted"));
        Assert.That(_driver.Compilations, Is.EqualTo(2));
    }

    [Test]
    public void NamesTheLineThatItDoesNotKnow()
    {
        string wrong = _text.Replace("add.rn.f32 %f1, %f1, %f2;", "lg2.approx.f32 %f1, %f2;");
        int line = 1 + wrong.Split('\n').TakeWhile(l => !l.Contains("lg2")).Count();
        string message = $"line {line}: 'lg2.approx.f32 %f1, %f2;': this instruction is not interpreted";
        Assert.That(() => _driver.Compile(wrong), Fails(218, message));
    }

    [Test]
    public void LoadsKernelsByName()
    {
        byte[] cubin = _driver.Compile(_text);
        Assert.That((long)_driver.Load(cubin, "TreeSum"), Is.GreaterThan(0));
        Assert.That(() => _driver.Load(cubin, "TreeProduct"), Fails(500, "TreeProduct"));
        Assert.That(() => _driver.Load([1, 2, 3], "TreeSum"), Fails(200, "line 1"));
    }

    [Test]
    public void LaunchesOnlyWhatFitsTheKernel()
    {
        nint kernel = _driver.Load(_driver.Compile(_text), "TreeSum");
        nint x = _driver.Allocate(4 * Threads), sum = _driver.Allocate(4);
        _driver.Fill(x, BitConverter.SingleToUInt32Bits(0.5f), Threads);
        KernelArgument[] arguments = [new((ulong)x, 8), new((ulong)sum, 8)];
        _driver.Launch(kernel, new GridSize(1), Threads, arguments);
        Assert.That(_driver.Launches, Is.EqualTo(1));
        Assert.That(_driver.Instructions, Is.GreaterThan(20 * Threads));

        Assert.That(() => _driver.Launch(kernel, new GridSize(1), 128, arguments), Fails(701, "256"));
        Assert.That(() => _driver.Launch(kernel, new GridSize(0), Threads, arguments), Fails(1, "(0, 1, 1) blocks"));
        Assert.That(() => _driver.Launch(kernel, new GridSize(1, 65536), Threads, arguments), Fails(1, "65536"));
        Assert.That(() => _driver.Launch(kernel, new GridSize(1), Threads, arguments[..1]), Fails(1, "1 arguments for 2 parameters"));
        Assert.That(() => _driver.Launch(kernel, new GridSize(1), Threads, [arguments[0], new(0, 4)]), Fails(1, "parameter 'out'"));
        Assert.That(() => _driver.Launch(99, new GridSize(1), Threads, arguments), Fails(400, "99"));
        Assert.That(() => _driver.Launch(kernel, new GridSize(2), Threads, arguments), Fails(700, "TreeSum, line"));
        _driver.Free(sum);
        Assert.That(() => _driver.Launch(kernel, new GridSize(1), Threads, arguments), Fails(700, "st.global.f32"));
    }

    [Test]
    public void EventsTellTheTime()
    {
        nint first = _driver.CreateEvent(timing: true), last = _driver.CreateEvent(timing: true);
        nint plain = _driver.CreateEvent(timing: false);
        Assert.That(() => _driver.Elapsed(first, last), Fails(400, "no time"));
        foreach (nint mark in (nint[])[first, plain, last])
            _driver.Record(mark);
        _driver.Wait(last);
        _driver.Synchronize();
        Assert.That(_driver.Elapsed(first, last), Is.InRange(0f, 60_000f));
        Assert.That(() => _driver.Elapsed(first, plain), Fails(400, "no time"));
        _driver.DestroyEvent(last);
        Assert.That(() => _driver.Wait(last), Fails(400, "no event"));
        Assert.That(() => _driver.DestroyEvent(last), Fails(400, "no event"));
    }

    [Test]
    public void ClosedItDoesNothing()
    {
        _driver.Allocate(100);
        _driver.Close();
        Assert.That(_driver.Blocks, Is.Zero, "closing gives the memory back");
        Assert.That(() => _driver.Allocate(4), Fails(201, "not open"));
        Assert.That(_driver.Synchronize, Fails(201, "not open"));
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Fails(int code, string message) =>
        Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Code)).EqualTo(code).And.Message.Contains(message);
}
