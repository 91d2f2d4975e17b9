using System.Runtime.InteropServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>Runs a kernel on arrays: they are copied there, and what it left is copied back.</summary>
internal static class PtxRunner
{
    /// <param name="kernels">Entries, without the head of the text.</param>
    /// <param name="name">The one that is run.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="arguments">Arrays, and numbers of four or eight bytes.</param>
    public static void Run(string kernels, string name, GridSize grid, int threads, params object[] arguments)
    {
        var driver = new InterpretedCuda();
        driver.Open(0);
        try
        {
            nint kernel = driver.Load(driver.Compile(PtxPrograms.Head + kernels), name);
            var blocks = new Dictionary<Array, nint>();
            var passed = arguments.Select(argument => argument switch
            {
                uint[] words => Block(words),
                float[] floats => Block(floats),
                ulong[] longs => Block(longs),
                float number => new KernelArgument(BitConverter.SingleToUInt32Bits(number), 4),
                int number => new KernelArgument((uint)number, 4),
                ulong number => new KernelArgument(number, 8),
                _ => throw new ArgumentException($"{argument}"),
            }).ToArray();
            driver.Launch(kernel, grid, threads, passed);
            foreach (var (array, block) in blocks)
                Copy(array, block, back: true);

            KernelArgument Block(Array array)
            {
                blocks[array] = driver.Allocate((nuint)Bytes(array).Length);
                Copy(array, blocks[array], back: false);
                return new KernelArgument((ulong)blocks[array], 8);
            }
        }
        finally
        {
            driver.Close();
        }

        void Copy(Array array, nint block, bool back)
        {
            var bytes = Bytes(array);
            nint host = driver.AllocateHost((nuint)bytes.Length);
            if (back)
            {
                driver.CopyToHost(host, block, (nuint)bytes.Length);
                View(host, bytes.Length).CopyTo(bytes);
            }
            else
            {
                bytes.CopyTo(View(host, bytes.Length));
                driver.CopyToDevice(block, host, (nuint)bytes.Length);
            }
            driver.FreeHost(host);
        }
    }

    private static unsafe Span<byte> View(nint memory, int bytes) => new((void*)memory, bytes);

    private static Span<byte> Bytes(Array array) => array switch
    {
        uint[] words => MemoryMarshal.AsBytes(words.AsSpan()),
        float[] floats => MemoryMarshal.AsBytes(floats.AsSpan()),
        ulong[] longs => MemoryMarshal.AsBytes(longs.AsSpan()),
        _ => throw new ArgumentException($"{array}"),
    };
}
