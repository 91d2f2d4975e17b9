using System.Globalization;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>
/// A folder that caches which OpenCL drivers can be loaded, and holds folders that show the loader some of them. A failed write is no
/// error: the drivers are tried again.
/// </summary>
internal sealed class OpenClDriverCache(string folder)
{
    private const string Head = "gan-opencl-drivers 1";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    // What was left out gets another chance soon: a busy machine can make a driver look as if it never returned.
    private static readonly TimeSpan KeptWithLeftOut = TimeSpan.FromHours(1);

    /// <summary>Returns the drivers that were left out before; null where that is unknown, too old or damaged.</summary>
    public IReadOnlyList<LeftOutDriver>? Find(string key)
    {
        try
        {
            string text = File.ReadAllText(PathOf(key));
            int end = text.LastIndexOf('\n', Math.Max(0, text.Length - 2)) + 1;
            if (text[end..] != $"{Digest(key + text[..end])}\n")
                return null;
            string[] lines = text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines is not [Head, var written, .. var leftOut])
                return null;
            var age = DateTime.UtcNow - new DateTime(long.Parse(written, CultureInfo.InvariantCulture), DateTimeKind.Utc);
            if (age < TimeSpan.Zero || age > (leftOut.Length > 0 ? KeptWithLeftOut : Kept))
                return null;
            return [.. leftOut.Select(line => line.Split('\t')).Select(parts => new LeftOutDriver(parts[0], parts[1]))];
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            return null;
        }
    }

    /// <summary>Writes which drivers were left out.</summary>
    public void Keep(string key, IReadOnlyList<LeftOutDriver> leftOut)
    {
        if (leftOut.Any(driver => (driver.Name + driver.Why).AsSpan().ContainsAny('\t', '\n')))
            return; // a name that this file can't hold
        string[] lines = [Head, $"{DateTime.UtcNow.Ticks}", .. leftOut.Select(driver => $"{driver.Name}\t{driver.Why}")];
        string text = string.Join('\n', lines) + "\n";
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(temporary, $"{text}{Digest(key + text)}\n");
            File.Move(temporary, PathOf(key), overwrite: true);
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            // it is found out again
        }
    }

    /// <summary>
    /// Creates a folder of these drivers' files in this order; where none can be written here, a temporary one that is deleted when the
    /// process ends.
    /// </summary>
    public string Of(IReadOnlyList<OpenClVendor> drivers)
    {
        var contents = drivers.Select(driver => $"{driver.Name}\n{Convert.ToHexString(driver.Content)}\n");
        string name = Path.Combine(folder, $"vendors-{Digest(string.Concat(contents))}");
        if (Holds(name, drivers))
            return name;
        try
        {
            Directory.CreateDirectory(folder);
            string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
            Fill(temporary, drivers);
            if (Directory.Exists(name))
                Directory.Delete(name, recursive: true); // damaged, or another process was as fast
            Directory.Move(temporary, name);
            return name;
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            // where no folder can be made at all, the loader finds no driver, which is harmless
            return Holds(name, drivers) ? name : Temporary(drivers) ?? name;
        }
    }

    private static string? Temporary(IReadOnlyList<OpenClVendor> drivers)
    {
        try
        {
            string folder = Directory.CreateTempSubdirectory("gan-opencl-").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(folder);
            string vendors = Path.Combine(folder, "vendors");
            Fill(vendors, drivers);
            return vendors;
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            return null;
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            // somebody else tidied it
        }
    }

    private static bool Holds(string name, IReadOnlyList<OpenClVendor> drivers) => Directory.Exists(name)
        && OpenClVendors.Files(name).Select(OpenClVendors.ContentOf).Select(Convert.ToHexString)
            .SequenceEqual(drivers.Select(driver => Convert.ToHexString(driver.Content)));

    // Loaders take files as the system lists them: as they were made, the other way round, or by a hash of their names. Other names,
    // with the same beginning for a loader that sorts them, are tried until the order is right.
    private static void Fill(string name, IReadOnlyList<OpenClVendor> drivers)
    {
        const int Tries = 64;
        for (int i = 0; i < Tries; i++)
        {
            if (Directory.Exists(name))
                Directory.Delete(name, recursive: true);
            Directory.CreateDirectory(name);
            var order = Enumerable.Range(0, drivers.Count);
            foreach (int n in i % 2 == 0 ? order : order.Reverse())
            {
                string salt = i < 2 ? "" : $".{i}{(char)('a' + (n % 26))}.icd";
                File.WriteAllBytes(Path.Combine(name, Path.GetFileName(drivers[n].Name) + salt), drivers[n].Content);
            }
            if (Holds(name, drivers))
                return;
        }
    }

    private static bool IsOfFiles(Exception fault) => fault is IOException or UnauthorizedAccessException;

    // FNV-1a, 64 bits (draft-eastlake-fnv): SHA-256 would load a library of 5 MB, which every start that looks here would wait for
    private static string Digest(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte part in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ part) * 1099511628211;
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private string PathOf(string key) => Path.Combine(folder, $"{Digest(key)}.txt");
}
