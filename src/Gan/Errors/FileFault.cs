namespace GanFromScratch.Gan.Errors;

/// <summary>Says in words why the system refused to read or write a file: by its error, not by what the disk looks like since.</summary>
internal static class FileFault
{
    // Linux's and macOS's errno where they are the same, then those that differ, then Windows' codes
    private const int NotPermitted = 1, NotThere = 2, DiskError = 5, BadDescriptor = 9, Denied = 13, Busy = 16, NotAFolder = 20,
        IsAFolder = 21, TooManyInSystem = 23, TooMany = 24, Full = 28, ReadOnly = 30;

    private static readonly int[] DiskFull = [Full, 122, OnWindows(0x27), OnWindows(0x70)]; // EDQUOT, HANDLE_DISK_FULL, DISK_FULL
    private static readonly int[] NameTooLong = [36, 63, OnWindows(0xCE)], Circle = [40, 62];
    private static readonly int[] Used = [11, 35, OnWindows(0x20), OnWindows(0x21)];

    /// <summary>Whether an exception is the file system's. A file too large for it (EFBIG) is an argument out of range in .NET.</summary>
    public static bool IsOne(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>Whether the disk is full.</summary>
    public static bool IsFull(Exception fault) => DiskFull.Contains(NumberOf(fault));

    /// <summary>Whether a permission is missing, or the file system takes no changes.</summary>
    public static bool IsForbidden(Exception fault) =>
        IsReadOnly(fault) || fault is UnauthorizedAccessException || NumberOf(fault) is Denied or NotPermitted;

    /// <summary>Whether another program has the file open.</summary>
    public static bool IsUsed(Exception fault) => Used.Contains(NumberOf(fault));

    /// <summary>Whether the file system takes no changes.</summary>
    public static bool IsReadOnly(Exception fault) => NumberOf(fault) == ReadOnly || NumberOf(fault) == OnWindows(0x13);

    /// <summary>Returns the cause as a clause, such as "the permission is missing".</summary>
    /// <param name="fault">What .NET threw.</param>
    /// <param name="path">What was to be opened.</param>
    public static string Cause(Exception fault, string path) => fault switch
    {
        ArgumentOutOfRangeException { ParamName: "value" } => "the file is larger than the system allows",
        FileNotFoundException or DirectoryNotFoundException => $"there is no {NearestMissing(path)}",
        PathTooLongException => TooLong,
        EndOfStreamException => "it ends too early",
        // opening a folder as a file has the number of a missing permission
        UnauthorizedAccessException when Directory.Exists(path) && NumberOf(fault) is not NotPermitted => "a folder has that name",
        _ => ByNumber(fault),
    };

    /// <summary>Makes the exception for a file or folder that can't be read.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="fault">What .NET threw.</param>
    /// <param name="advice">What to do: a sentence.</param>
    public static GanException Unreadable(string path, Exception fault, string advice = "Check the path and its permissions.") =>
        new(ExitCode.Data, $"{path} can't be read: {Cause(fault, path)}. {advice}", fault);

    private const string TooLong = "the name is longer than the file system takes";

    private static string ByNumber(Exception fault) => NumberOf(fault) switch
    {
        var full when DiskFull.Contains(full) => "the disk is full",
        _ when IsReadOnly(fault) => "the file system is read-only",
        DiskError => "the disk reports an error",
        BadDescriptor => "the stream is closed",
        NotAFolder => "a part of the path is a file",
        IsAFolder => "a folder has that name",
        TooMany or TooManyInSystem => "too many files are open (ulimit -n)",
        Busy => "the system uses it",
        NotThere => "the place takes no files",
        var name when NameTooLong.Contains(name) => TooLong,
        var link when Circle.Contains(link) => "its links lead in a circle",
        var used when Used.Contains(used) => "another program uses it",
        _ when fault is UnauthorizedAccessException => "the permission is missing",
        Denied or NotPermitted => "the permission is missing",
        _ => fault.Message.Split('\n')[0].Trim().TrimEnd('.'), // one's own, or a rare one in the system's words
    };

    // the file, or the first folder on the way to it that isn't there
    private static string NearestMissing(string path)
    {
        string missing = Path.GetFullPath(path);
        while (Path.GetDirectoryName(missing) is { } parent && !Path.Exists(parent))
            missing = parent;
        return missing == Path.GetFullPath(path) ? "such file or folder" : $"folder {missing}";
    }

    private static int NumberOf(Exception fault) =>
        (fault is UnauthorizedAccessException { InnerException: IOException inner } ? inner : fault).HResult;

    private static int OnWindows(int code) => unchecked((int)0x80070000) | code;
}
