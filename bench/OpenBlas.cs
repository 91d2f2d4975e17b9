using System.Reflection;
using System.Runtime.InteropServices;

namespace GanFromScratch.Bench;

/// <summary>
/// OpenBLAS's matrix product, where the library is installed (Debian: libopenblas0-openmp, or -pthread), as something to be measured
/// against. The engine itself calls no library. OPENBLAS_LIBRARY names another file.
/// </summary>
internal static unsafe partial class OpenBlas
{
    private const string Library = "openblas";
    private const int RowMajor = 101, NoTranspose = 111, Transpose = 112;
    private static readonly string[] Names =
    [
        "libopenblas.so.0", "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0", "libopenblas.so", "libopenblas.dll",
        "libopenblas.dylib"
    ];

    private static readonly nint Handle = Find();

    /// <summary>Whether it is there.</summary>
    public static bool IsThere => Handle != 0;

    /// <summary>What it says of itself: version, threads, the processor it takes this one for.</summary>
    public static string Description => IsThere ? Marshal.PtrToStringUTF8(Configuration())!.Trim() : "OpenBLAS is not installed";

    static OpenBlas() => NativeLibrary.SetDllImportResolver(
        Assembly.GetExecutingAssembly(), static (name, _, _) => name == Library ? Handle : 0);

    /// <summary>y[M,N] = a·b, row-major, on so many threads.</summary>
    public static void Multiply(int threads, float* a, bool transposeA, float* b, bool transposeB, float* y, int m, int n, int k)
    {
        SetThreads(threads);
        Sgemm(
            RowMajor, transposeA ? Transpose : NoTranspose, transposeB ? Transpose : NoTranspose, m, n, k,
            1f, a, transposeA ? m : k, b, transposeB ? k : n, 0f, y, n);
    }

    private static nint Find()
    {
        // Some set-ups choose a slower kernel for OpenBLAS through these; it reads them once, when it is loaded.
        Environment.SetEnvironmentVariable("OPENBLAS_CORETYPE", null);
        Environment.SetEnvironmentVariable("OPENBLAS_L2_SIZE", null);
        _ = UnsetEnvironment("OPENBLAS_CORETYPE");
        _ = UnsetEnvironment("OPENBLAS_L2_SIZE");
        foreach (string name in (string[])[Environment.GetEnvironmentVariable("OPENBLAS_LIBRARY") ?? "", .. Names])
        {
            if (name.Length > 0 && NativeLibrary.TryLoad(name, out nint handle))
                return handle;
        }
        return 0;
    }

    /// <summary>.NET keeps its own copy of the environment; a native library sees the process's.</summary>
    private static int UnsetEnvironment(string name)
    {
        try
        {
            return OperatingSystem.IsWindows() ? 0 : Unset(name);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unset(string name);

    [LibraryImport(Library, EntryPoint = "openblas_get_config")]
    private static partial nint Configuration();

    [LibraryImport(Library, EntryPoint = "openblas_set_num_threads")]
    private static partial void SetThreads(int threads);

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    private static partial void Sgemm(
        int order, int transposeA, int transposeB, int m, int n, int k,
        float alpha, float* a, int strideA, float* b, int strideB, float beta, float* y, int strideY);
}
