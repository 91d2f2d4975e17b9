using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>The compiler of an OpenCL driver: from text, or from the binary that it made before, to a program.</summary>
internal sealed unsafe class OpenClCompiler(OpenClLibrary cl, nint context, nint device, bool roundsCorrectly)
{
    private const uint BinarySizes = 0x1165, Binaries = 0x1166, BuildLog = 0x1183;
    private const int BuildProgramFailure = -11;

    /// <summary>The language's version; and division and square root like the processor's, where the device can.</summary>
    public string Options { get; } = "-cl-std=CL1.2" + (roundsCorrectly ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");

    /// <summary>Compiles a text.</summary>
    /// <param name="text">OpenCL C.</param>
    /// <param name="binary">What <see cref="FromBinary"/> takes; empty where the driver gives none.</param>
    public nint FromText(string text, out byte[] binary)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var length = (nuint)bytes.Length;
        int code;
        nint program;
        fixed (byte* first = bytes)
            program = cl.CreateProgramWithSource(context, 1, &first, &length, &code);
        OpenClException.Check(code, "clCreateProgramWithSource");
        Build(program);
        binary = BinaryOf(program);
        return program;
    }

    /// <summary>Loads a binary.</summary>
    public nint FromBinary(byte[] binary)
    {
        var length = (nuint)binary.Length;
        nint on = device;
        int status, code;
        nint program;
        fixed (byte* first = binary)
            program = cl.CreateProgramWithBinary(context, 1, &on, &length, &first, &status, &code);
        OpenClException.Check(code != 0 ? code : status, "clCreateProgramWithBinary");
        Build(program);
        return program;
    }

    private void Build(nint program)
    {
        nint on = device;
        int code;
        fixed (byte* options = Encoding.ASCII.GetBytes(Options + '\0'))
            code = cl.BuildProgram(program, 1, &on, options, null, null);
        if (code == 0)
            return;
        string? log = code == BuildProgramFailure ? LogOf(program) : null;
        _ = cl.ReleaseProgram(program);
        throw new OpenClException(code, "clBuildProgram", log);
    }

    private string LogOf(nint program)
    {
        nuint size;
        OpenClException.Check(cl.GetProgramBuildInfo(program, device, BuildLog, 0, null, &size), "clGetProgramBuildInfo");
        var log = new byte[size];
        fixed (byte* first = log)
            OpenClException.Check(cl.GetProgramBuildInfo(program, device, BuildLog, size, first, null), "clGetProgramBuildInfo");
        return Encoding.UTF8.GetString(log).TrimEnd('\0');
    }

    private byte[] BinaryOf(nint program)
    {
        nuint size;
        OpenClException.Check(cl.GetProgramInfo(program, BinarySizes, (nuint)sizeof(nuint), &size, null), "clGetProgramInfo");
        var binary = new byte[size];
        if (size > 0)
        {
            fixed (byte* first = binary)
                OpenClException.Check(cl.GetProgramInfo(program, Binaries, (nuint)sizeof(byte*), &first, null), "clGetProgramInfo");
        }
        return binary;
    }
}
