using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>A CUDA driver that counts what a training step must not ask for again and again.</summary>
internal sealed class CountingCuda(ICudaDriver driver) : ICudaDriver
{
    public int Version => driver.Version;

    public int DeviceCount => driver.DeviceCount;

    public int Allocations { get; private set; }

    public int CopiesToHost { get; private set; }

    public long BytesToHost { get; private set; }

    public int CopiesToDevice { get; private set; }

    public int Compilations { get; private set; }

    public int Launches { get; private set; }

    /// <summary>How often somebody waited for all work.</summary>
    public int Synchronizations { get; private set; }

    public CudaDescription Describe(int device) => driver.Describe(device);

    public void Open(int device) => driver.Open(device);

    public void Close() => driver.Close();

    public ulong FreeMemory() => driver.FreeMemory();

    public nint Allocate(nuint bytes)
    {
        Allocations++;
        return driver.Allocate(bytes);
    }

    public void Free(nint memory) => driver.Free(memory);

    public nint AllocateHost(nuint bytes)
    {
        Allocations++;
        return driver.AllocateHost(bytes);
    }

    public void FreeHost(nint memory) => driver.FreeHost(memory);

    public void CopyToDevice(nint to, nint from, nuint bytes)
    {
        CopiesToDevice++;
        driver.CopyToDevice(to, from, bytes);
    }

    public void CopyToHost(nint to, nint from, nuint bytes)
    {
        CopiesToHost++;
        BytesToHost += (long)bytes;
        driver.CopyToHost(to, from, bytes);
    }

    public void Fill(nint to, uint word, nuint words) => driver.Fill(to, word, words);

    public byte[] Compile(string ptx)
    {
        Compilations++;
        return driver.Compile(ptx);
    }

    public nint Load(ReadOnlySpan<byte> cubin, string kernel) => driver.Load(cubin, kernel);

    public void Launch(nint kernel, GridSize grid, int groupSize, ReadOnlySpan<KernelArgument> arguments)
    {
        Launches++;
        driver.Launch(kernel, grid, groupSize, arguments);
    }

    public nint CreateEvent(bool timing) => driver.CreateEvent(timing);

    public void DestroyEvent(nint mark) => driver.DestroyEvent(mark);

    public void Record(nint mark) => driver.Record(mark);

    public void Wait(nint mark) => driver.Wait(mark);

    public float Elapsed(nint from, nint to) => driver.Elapsed(from, to);

    public void Synchronize()
    {
        Synchronizations++;
        driver.Synchronize();
    }
}
