using System.Runtime.InteropServices;
using System.Text;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>
/// Refuses names that .NET can't hand back to the system: on Unix they are bytes, and bytes that aren't UTF-8 become the sign U+FFFD, under
/// which files would land in another folder.
/// </summary>
internal static partial class OddNames
{
    private const char Lost = '\uFFFD';

    /// <summary>Refuses a current folder and arguments with such a name.</summary>
    /// <exception cref="GanException">Usage: there is one, or the current folder was removed.</exception>
    public static void Refuse(IReadOnlyList<string> args)
    {
        if (args.FirstOrDefault(arg => arg.Contains(Lost, StringComparison.Ordinal)) is { } odd)
            throw new GanException(ExitCode.Usage, $"'{odd}' is not UTF-8, so it can't be found under that name. Rename it.");
        if (OperatingSystem.IsWindows())
            return;
        const int Longest = 1 << 16;
        var path = new byte[Longest];
        if (CurrentFolder(path, Longest) == 0)
            throw new GanException(ExitCode.Usage, "The current folder isn't there any more. Change to another one.");
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(path, 0, Array.IndexOf(path, (byte)0));
        }
        catch (DecoderFallbackException)
        {
            throw new GanException(
                ExitCode.Usage,
                "The current folder's name is not UTF-8, and files would land elsewhere. Rename it, or change to another one.");
        }
    }

    /// <summary>Whether a name came from bytes that aren't UTF-8.</summary>
    public static bool IsLost(string name) => !OperatingSystem.IsWindows() && name.Contains(Lost, StringComparison.Ordinal);

    [LibraryImport("libc", EntryPoint = "getcwd")]
    private static partial nint CurrentFolder(byte[] path, nint size);
}
