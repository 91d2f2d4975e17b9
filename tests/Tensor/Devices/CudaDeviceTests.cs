using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A CUDA device over a driver in C#: asynchrony, errors and the choice of PTX.</summary>
public sealed class CudaDeviceTests
{
    private TestFolder _folder = null!;
    private StringWriter _log = null!;

    [SetUp]
    public void SetUp() => (_folder, _log) = (new TestFolder(), new StringWriter());

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase(12040, 90, 78, 90)]
    [TestCase(13000, 121, 87, 120)] // newer than any known: the greatest below it
    [TestCase(12040, 120, 78, 90)] // the driver doesn't serve 12.0's own
    [TestCase(12060, 100, 78, 90)]
    [TestCase(12070, 100, 86, 100)]
    [TestCase(11080, 89, 78, 89)]
    [TestCase(11070, 89, 74, 87)]
    [TestCase(11000, 86, 70, 80)]
    [TestCase(11010, 86, 71, 86)]
    [TestCase(10000, 75, 63, 75)]
    [TestCase(9020, 75, 60, 70)]
    [TestCase(9000, 50, 60, 50)]
    [TestCase(9000, 61, 60, 61)]
    [TestCase(99990, 999, 87, 120)]
    public void TheTargetIsTheNewestThatBothKnow(int driver, int architecture, int ptx, int compiledFor)
    {
        Assert.That(CudaTargets.Refusal(driver, architecture), Is.Null);
        Assert.That(CudaTargets.For(driver, architecture), Is.EqualTo(new PtxTarget(ptx, compiledFor)));
    }

    [TestCase(8000, 60, "its driver is too old: it serves CUDA 8.0, and 9.0 is needed; update the driver")]
    [TestCase(12040, 37, "its compute capability is 3.7, and 5.0 is needed")]
    public void AnOldDriverOrDeviceIsRefused(int version, int architecture, string why)
    {
        var driver = new FakeCudaDriver { Version = version, Devices = [new CudaDescription("Old", architecture, 1 << 30, 1)] };
        Assert.That(
            () => Open(driver), Throws.TypeOf<DeviceException>().With.Message.EqualTo($"The device cuda:0 (Old) can't be used: {why}."));
        Assert.That(driver.IsOpen, Is.False);
    }

    [Test]
    public void NumbersGoThereAndBack()
    {
        var driver = new FakeCudaDriver();
        using (var device = Open(driver))
        {
            float[] numbers = [.. Enumerable.Range(0, 1000).Select(i => i * 0.5f)];
            using var tensor = Tensor.From(device, new Shape(10, 100), numbers);
            Assert.That(tensor.ToArray(), Is.EqualTo(numbers));
            device.Fill(tensor, -3);
            Assert.That(tensor.ToArray(), Has.All.EqualTo(-3f));
            using var none = Tensor.From(device, new Shape(0), []);
            device.Fill(none, 1);
            Assert.That(none.ToArray(), Is.Empty);
        }
        Assert.That((driver.IsOpen, driver.Leaked), Is.EqualTo((false, 0)));
    }

    [Test]
    public void UploadsDontWaitForTheDevice()
    {
        var driver = new FakeCudaDriver { Devices = [new CudaDescription("Fake GPU", 90, 1 << 26, 4)] };
        using var device = Open(driver);
        var tensors = new Tensor[100];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = Tensor.From(device, new Shape(100), [.. Enumerable.Repeat((float)i, 100)]);
        Assert.That(driver.Pending, Is.EqualTo(tensors.Length), "an upload waited");
        for (int i = 0; i < tensors.Length; i++)
            Assert.That(tensors[i].ToArray(), Has.All.EqualTo((float)i));
    }

    [Test]
    public void StagingMemoryIsNotUsedAgainTooEarly()
    {
        // 16 MiB of staging memory; 70 tensors of 0.8 MiB and then one of 20 MiB go round it five times
        var driver = new FakeCudaDriver { Devices = [new CudaDescription("Fake GPU", 90, 1 << 28, 4)] };
        using var device = Open(driver);
        Tensor[] tensors = [.. Enumerable.Range(0, 70).Select(i => Tensor.From(device, new Shape(201_007), Numbers(201_007, i)))];
        var large = Tensor.From(device, new Shape(5_000_003), Numbers(5_000_003, 99));
        Assert.That(driver.Pending, Is.Positive);
        for (int i = 0; i < tensors.Length; i++)
            Assert.That(tensors[i].ToArray().AsSpan().SequenceEqual(Numbers(201_007, i)), Is.True, $"tensor {i}");
        Assert.That(large.ToArray().AsSpan().SequenceEqual(Numbers(5_000_003, 99)), Is.True);

        static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (float)((i * 31) + (seed * 7919)))];
    }

    [Test]
    public void ALateNumberIsWhatItWasWhenItWasAskedFor()
    {
        var driver = new FakeCudaDriver();
        using var device = Open(driver);
        using var loss = new Tensor(device, new Shape());
        var late = new List<Late>();
        for (int i = 0; i < Late.MostPending; i++)
        {
            device.Fill(loss, i);
            late.Add(loss.Later());
        }
        Assert.That(driver.Pending, Is.EqualTo(2 * Late.MostPending), "asking waited");
        Assert.That(late[2].Value, Is.EqualTo(2));
        Assert.That(driver.Pending, Is.EqualTo(2 * (Late.MostPending - 3)), "reading waited for more than its number");
        Assert.That(late.Select(number => number.Value), Is.EqualTo(Enumerable.Range(0, Late.MostPending)));

        device.Fill(loss, -1);
        var newest = loss.Later();
        Assert.That(() => late[0].Value, Throws.InvalidOperationException.With.Message.Contains("the number of ticket 0 is gone, because 1024 were asked for after it"));
        Assert.That((late[1].Value, newest.Value), Is.EqualTo((1f, -1f)));
        Assert.That(() => new Late(device, 5000).Value, Throws.InvalidOperationException.With.Message.Contains("no number was asked for"));
    }

    [Test]
    public void ALaunchPassesItsArguments()
    {
        var driver = new FakeCudaDriver();
        using var device = Open(driver);
        var program = device.Load("text", "kernel");
        device.Launch(program, new GridSize(3, 2), 64, [new(1UL << 40, 8), new(7, 4)]);
        Assert.That(driver.Launched, Is.Empty);
        device.Synchronize();
        Assert.That(driver.Launched, Is.EqualTo(new[] { "1: 3 2 1 of 64, 1099511627776/8 7/4" }));
    }

    [Test]
    public void AProgramIsCompiledOnceForAllProcesses()
    {
        for (int i = 0; i < 2; i++)
        {
            var driver = new FakeCudaDriver();
            using var device = Open(driver);
            Assert.That(device.Load("text", "kernel").Name, Is.EqualTo("kernel"));
            Assert.That((driver.Compiled, device.ProgramsCompiled), Is.EqualTo((1 - i, 1 - i)));
        }
        var other = new FakeCudaDriver { Version = 12050 };
        using var updated = Open(other);
        updated.Load("text", "kernel");
        Assert.That(other.Compiled, Is.EqualTo(1), "another driver's machine code was used");
    }

    [Test]
    public void AnImageThatTheDriverRefusesIsCompiledAgain()
    {
        using (var first = Open(new FakeCudaDriver()))
            first.Load("text", "kernel");
        string file = Directory.GetFiles(Path.Combine(_folder.Path, "programs")).Single();
        new ProgramCache(Path.GetDirectoryName(file)!).Keep(Path.GetFileName(file), "whole, but of another driver"u8);
        using var second = Open(new FakeCudaDriver());
        second.Load("text", "kernel");
        Assert.That(second.ProgramsCompiled, Is.EqualTo(1));
    }

    [Test]
    public void ARejectedTextIsKeptAndNamed()
    {
        using var device = Open(new FakeCudaDriver());
        var fault = Assert.Throws<DeviceException>(() => device.Load("something wrong", "leaky_relu"))!;
        string path = Directory.GetFiles(Path.Combine(_folder.Path, "programs", "rejected"), "leaky_relu-*.ptx").Single();
        Assert.That(File.ReadAllText(path), Is.EqualTo("something wrong"));
        Assert.That(fault.Message, Does.StartWith($"The compiler of cuda:0 (Fake GPU) rejects the kernel leaky_relu. The text is in {path}; "));
        Assert.That(fault.Message, Does.Contain("CUDA_ERROR_INVALID_PTX").And.Contain("\n  ptxas, line 3; error: wrong"));
    }

    [Test]
    public void BlocksThatNobodyHoldsMakeRoomForOthers()
    {
        using var device = Open(new FakeCudaDriver()); // 1 MiB
        new Tensor(device, new Shape(64 << 10)).Dispose();
        using var all = Tensor.Filled(device, new Shape(256 << 10), 3f);
        Assert.That(device.AllocatedBytes, Is.EqualTo(1 << 20));
        Assert.That(all.ToArray(), Is.All.EqualTo(3f));
    }

    [Test]
    public void TooLittleMemoryIsSaidInNumbers()
    {
        using var device = Open(new FakeCudaDriver()); // 1 MiB
        using var some = new Tensor(device, new Shape(64 << 10));
        var fault = Assert.Throws<DeviceException>(() => _ = new Tensor(device, new Shape(256 << 10)))!;
        Assert.That(fault.Message, Is.EqualTo(
            "The device cuda:0 (Fake GPU) has no memory for another 1.0 MiB: tensors of this process take 256.0 KiB, and it has 1.0 MiB in all, "
            + "of which 768.0 KiB are free (cuMemAlloc gave CUDA_ERROR_OUT_OF_MEMORY (out of memory)). A smaller batch needs less."));
        Assert.That(device.AllocatedBytes, Is.EqualTo(256 << 10));
    }

    [TestCase("Launch", 719, "ran kernel")]
    [TestCase("CopyToDevice", 214, "took numbers")]
    [TestCase("CopyToHost", 46, "handed numbers over")]
    [TestCase("Fill", 700, "set numbers")]
    [TestCase("Synchronize", 700, "finished its work")]
    [TestCase("Allocate", 46, "gave memory")]
    [TestCase("Compile", 221, "compiled kernel")]
    public void ADeviceThatIsLostSaysWhatItDid(string call, int code, string doing)
    {
        var driver = new FakeCudaDriver();
        var device = Open(driver);
        var tensor = Tensor.From(device, new Shape(2), [1, 2]);
        var program = call == "Compile" ? null : device.Load("text", "kernel");
        driver.Fail(call, code);
        var fault = Assert.Throws<DeviceException>(() =>
        {
            program ??= device.Load("text", "kernel");
            device.Launch(program, new GridSize(1), 1, []);
            if (call == "Synchronize")
                device.Synchronize();
            device.Fill(tensor, 1);
            tensor.CopyFrom([3, 4]);
            tensor.ToArray();
            _ = new Tensor(device, new Shape(2));
        })!;
        Assert.That(fault.Message, Is.EqualTo(
            $"The device cuda:0 (Fake GPU) failed while it {doing}: cu{call} gave error {code}. What it was computing is lost; run again, or on another device."));
        Assert.That(device.Dispose, Throws.Nothing);
        Assert.That(driver.IsOpen, Is.False);
    }

    [Test]
    public void ADeviceThatCantBeOpenedSaysSo()
    {
        var driver = new FakeCudaDriver();
        driver.Fail("Open", 46);
        Assert.That(() => Open(driver), Throws.TypeOf<DeviceException>().With.Message.Contains("cuda:0 (Fake GPU) can't be opened: cuOpen gave error 46."));
    }

    [Test]
    public void DebuggingSaysWhatRanAndHowLong()
    {
        var driver = new FakeCudaDriver();
        using (var device = Open(driver, debugLevel: 2))
        {
            DeviceProgram slow = device.Load("text", "matmul"), fast = device.Load("other", "add");
            for (int i = 0; i < 1500; i++)
                device.Launch(i % 3 == 0 ? fast : slow, new GridSize(1), 32, []);
        }
        string[] lines = _log.ToString().Split(Environment.NewLine);
        Assert.That(lines[0], Does.StartWith("cuda:0 (Fake GPU): NVIDIA driver for CUDA 12.4, 1.0 MiB, takes PTX 7.8 for sm_90"));
        Assert.That(lines[1], Does.StartWith("kernel ").And.EndWith("(cuda:0)"));
        Assert.That(lines[2], Does.Match(@"^matmul +1000 +1000\.000 +1000\.00 +66\.7 ?%"));
        Assert.That(lines[3], Does.Match(@"^add +500 +500\.000 +1000\.00 +33\.3 ?%"));
        Assert.That(driver.Leaked, Is.Zero);
        using (Open(new FakeCudaDriver(), debugLevel: 0))
            Assert.That(_log.ToString().Split(Environment.NewLine), Has.Length.EqualTo(lines.Length));
    }

    private CudaDevice Open(FakeCudaDriver driver, int debugLevel = 0) =>
        new(driver, 0, new DeviceSettings(Path.Combine(_folder.Path, "programs"), debugLevel, _log));
}
