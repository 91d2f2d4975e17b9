using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>The driver's compiler from PTX to machine code: its linker, given one text.</summary>
/// <param name="cuda">The driver.</param>
/// <param name="check">Throws where a call failed: its error, its name and the compiler's log.</param>
internal sealed unsafe class CudaLinker(CudaLibrary cuda, Action<int, string, string> check)
{
    private const int ErrorLogBuffer = 5, ErrorLogBufferSize = 6, TargetFromContext = 8; // CU_JIT_...
    private const int InputPtx = 1; // CU_JIT_INPUT_PTX
    private const int LogSize = 8 << 10;

    /// <summary>Compiles for the device of the current context.</summary>
    public byte[] Compile(string ptx)
    {
        byte[] log = new byte[LogSize], text = Encoding.UTF8.GetBytes(ptx + '\0');
        fixed (byte* logStart = log, textStart = text)
        {
            int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferSize, TargetFromContext };
            void** values = stackalloc void*[] { logStart, (void*)LogSize, null }; // a number is given in place of a pointer
            nint linker;
            check(cuda.LinkCreate(3, options, values, &linker), "cuLinkCreate", "");
            try
            {
                int code = cuda.LinkAddData(linker, InputPtx, textStart, (nuint)text.Length, null, 0, null, null);
                check(code, "cuLinkAddData", Words(log));
                void* cubin;
                nuint size;
                check(cuda.LinkComplete(linker, &cubin, &size), "cuLinkComplete", Words(log));
                return new ReadOnlySpan<byte>(cubin, checked((int)size)).ToArray(); // the linker's own memory
            }
            finally
            {
                _ = cuda.LinkDestroy(linker);
            }
        }
    }

    private static string Words(byte[] log) => Encoding.UTF8.GetString(log, 0, Math.Max(0, Array.IndexOf(log, (byte)0))).Trim();
}
