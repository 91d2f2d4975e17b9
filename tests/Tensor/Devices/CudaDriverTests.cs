using System.Runtime.InteropServices;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What crosses the border to libcuda, seen by a library that notes it: no NVIDIA driver is needed.</summary>
public sealed unsafe class CudaDriverTests
{
    private const string Stream = "0x50000000001", Event = "0xe0000000001", Memory = "7000000000000000";

    private TestFolder _folder = null!;
    private DriverLibrary _stub = null!;

    private string Notes => Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)_stub["stub_notes"])())!;

    [SetUp]
    public void BuildStub()
    {
        ToolRequirement.Require(OperatingSystem.IsLinux() && File.Exists("/usr/bin/gcc"), "/usr/bin/gcc on Linux");
        _folder = new TestFolder();
        string library = Path.Combine(_folder.Path, $"stub-{Guid.NewGuid():N}.so"); // another name each time: a loaded library is never unloaded
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Tensor", "Devices", "StubCuda.c");
        var result = Processes.Run("/usr/bin/gcc", "-std=c11", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        _stub = DriverLibrary.Find("no-such-library.so", library)!;
    }

    [TearDown]
    public void TearDown() => _folder?.Dispose();

    [Test]
    public void DevicesAreDescribed()
    {
        var driver = new CudaDriver(_stub);
        Assert.That((driver.Version, driver.DeviceCount), Is.EqualTo((12040, 2)));
        Assert.That(driver.Describe(1), Is.EqualTo(new CudaDescription("Stub 71", 86, 71UL << 30, 132)));
        Assert.That(Notes, Is.EqualTo("cuInit 0\n"));
    }

    [Test]
    public void EveryCallArrivesWithItsArguments()
    {
        var driver = new CudaDriver(_stub);
        driver.Open(1);
        nint memory = driver.Allocate(3_000), host = driver.AllocateHost(64);
        *(float*)host = 2.5f;
        driver.CopyToDevice(memory + 4, host, 8);
        driver.CopyToHost(host, memory + 8, 12);
        driver.Fill(memory, 0x3F800000, 750);
        byte[] cubin = driver.Compile(".version 6.0");
        nint kernel = driver.Load(cubin, "leaky_relu");
        driver.Launch(kernel, new GridSize(5, 6, 7), 256, [new((ulong)memory, 8), new(BitConverter.SingleToUInt32Bits(-0.5f), 4), new(unchecked((uint)-9), 4)]);
        nint mark = driver.CreateEvent(timing: false);
        driver.Record(mark);
        driver.Wait(mark);
        Assert.That(driver.Elapsed(mark, mark), Is.EqualTo(1.25f));
        driver.DestroyEvent(mark);
        driver.DestroyEvent(driver.CreateEvent(timing: true));
        driver.Synchronize();
        Assert.That(driver.FreeMemory(), Is.EqualTo(3UL << 30));
        driver.Free(memory);
        driver.FreeHost(host);
        driver.Close();

        Assert.That(((float*)host)[2], Is.EqualTo(12.5f));
        string[] expected =
        [
            "cuInit 0", "cuDevicePrimaryCtxRetain 71", "cuCtxSetCurrent 0xc0000000001", "cuStreamCreate 1",
            "cuMemAlloc_v2 3000", "cuMemHostAlloc 64 0",
            $"cuMemcpyHtoDAsync_v2 7000000000000004 2.5 8 {Stream}", $"cuMemcpyDtoHAsync_v2 7000000000000008 12 {Stream}",
            $"cuMemsetD32Async {Memory} 3f800000 750 {Stream}",
            "cuLinkCreate_v2", "  option 5 ", "  option 6 8192", "  option 8 ",
            "cuLinkAddData_v2 0x10000000001 1 '.version 6.0' 13 0 0 0 0", "cuLinkComplete 0x10000000001", "cuLinkDestroy 0x10000000001",
            "cuModuleLoadData 'machine code'", "cuModuleGetFunction 0x40000000001 'leaky_relu'",
            $"cuLaunchKernel 0xf0000000001 grid 5 6 7 block 256 1 1 shared 0 {Stream} parameters {Memory} -0.5 -9 extra 0",
            "cuEventCreate 2", $"cuEventRecord {Event} {Stream}", $"cuEventSynchronize {Event}", $"cuEventElapsedTime {Event} {Event}",
            $"cuEventDestroy_v2 {Event}", "cuEventCreate 0", "cuEventDestroy_v2 0xe0000000002",
            $"cuStreamSynchronize {Stream}", $"cuMemFree_v2 {Memory}", "cuMemFreeHost +0",
            "cuCtxSetCurrent 0xc0000000001", "cuModuleUnload 0x40000000001",
            $"cuStreamDestroy_v2 {Stream}", "cuDevicePrimaryCtxRelease 71",
        ];
        Assert.That(Notes.TrimEnd('\n').Split('\n'), Is.EqualTo(expected));
    }

    [Test]
    public void ErrorsHaveTheDriversWords()
    {
        var driver = new CudaDriver(_stub);
        driver.Open(0);
        var fault = Assert.Throws<CudaException>(() => driver.Allocate((nuint)2 << 30))!;
        Assert.That((fault.Code, fault.Fault), Is.EqualTo((2, DriverFault.OutOfMemory)));
        Assert.That(fault.Message, Is.EqualTo("cuMemAlloc gave CUDA_ERROR_OUT_OF_MEMORY (out of memory)"));
        Assert.That(() => driver.Allocate((nuint)80 << 30), Throws.TypeOf<CudaException>().With.Message.EqualTo("cuMemAlloc gave the error 1"));
        var rejected = Assert.Throws<CudaException>(() => driver.Compile("wrong"))!;
        Assert.That(rejected.Fault, Is.EqualTo(DriverFault.RejectedProgram));
        Assert.That(rejected.Message, Does.StartWith("cuLinkAddData gave CUDA_ERROR_INVALID_PTX").And.EndWith("\nptxas application ptx input, line 7; fatal : Parsing error near 'wrong'"));
        Assert.That(Notes, Does.EndWith("cuLinkDestroy 0x10000000001\n"));
    }

    [Test]
    public void ADeviceTrainsThroughIt()
    {
        var settings = new DeviceSettings(Path.Combine(_folder.Path, "programs"), 0, TextWriter.Null);
        using (var device = new CudaDevice(new CudaDriver(_stub), 0, settings))
        {
            Assert.That(device.Target, Is.EqualTo(new PtxTarget(71, 86)));
            using var tensor = Tensor.From(device, new Shape(2), [7, 8]);
            device.Launch(device.Load("text", "k"), new GridSize(1), 32, [new((ulong)tensor.Storage.Handle, 8), new(0, 4), new(1, 4)]);
            Assert.That(tensor.ToArray(), Is.EqualTo(new[] { 10.5f, 11.5f }));
        }
        Assert.That(Notes, Does.Contain($"cuMemcpyHtoDAsync_v2 {Memory} 7 8 {Stream}\ncuEventCreate 2\ncuEventRecord {Event} {Stream}\n"));
        Assert.That(Notes, Does.EndWith("cuDevicePrimaryCtxRelease 70\n"));
    }

    [Test]
    public void ALibraryWithoutAFunctionIsRefused() =>
        Assert.That(
            () => new OpenClLibrary(_stub),
            Throws.TypeOf<DeviceException>().With.Message.Contains("has no function clGetPlatformIDs, so it is too old or another one"));
}
