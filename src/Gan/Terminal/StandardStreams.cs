using System.Runtime.InteropServices;
using System.Text;

namespace GanFromScratch.Gan.Terminal;

/// <summary>
/// Makes standard output and standard error streams that never end the work: what can't be written, for the terminal is gone, the disk is
/// full or the stream was closed, is left out, and the first cause is kept.
/// </summary>
internal static partial class StandardStreams
{
    private const int Output = 1, Error = 2;
    private static GuardedWriter? _output;

    /// <summary>Why standard output didn't take something; null: it took all, or its reader has had enough (`| head`).</summary>
    public static Exception? OutputFault => _output?.Fault;

    /// <summary>Puts guarded writers in the console's place, once in a process, before anything is written.</summary>
    public static void Guard()
    {
        if (_output is not null)
            return;
        if (OperatingSystem.IsWindows())
            UseUnicode();
        _output = Writer(Output, Console.OpenStandardOutput);
        Console.SetOut(_output);
        Console.SetError(Writer(Error, Console.OpenStandardError));
    }

    private static GuardedWriter Writer(int number, Func<Stream> open) =>
        new(IsInherited(number) ? open : null, Console.OutputEncoding);

    /// <summary>
    /// Whether a descriptor came from who started the program. Where it was closed, .NET's runtime has opened something of its own under
    /// its number, with a mark that no inherited one has: that must not be written to. A number that is still free is taken up, or else the
    /// next file that is opened would get what libraries write to standard error.
    /// </summary>
    private static bool IsInherited(int number)
    {
        const int GetFlags = 1, CloseOnExec = 1, ForReadingAndWriting = 2; // F_GETFD, FD_CLOEXEC, O_RDWR
        if (OperatingSystem.IsWindows())
            return true; // .NET opens a stream that takes nothing
        int flags = Control(number, GetFlags);
        if (flags >= 0)
            return (flags & CloseOnExec) == 0;
        int nowhere = Open("/dev/null", ForReadingAndWriting);
        if (nowhere >= 0 && nowhere != number)
        {
            _ = Duplicate(nowhere, number);
            _ = Close(nowhere);
        }
        return false;
    }

    // a console of another code page would show `?` for signs such as a centred dot
    private static void UseUnicode()
    {
        try
        {
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }
        catch (IOException)
        {
            // no console: a file or a pipe; if there is one that can't, signs are spelled out
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int descriptor, int number);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
