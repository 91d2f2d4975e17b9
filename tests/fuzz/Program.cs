using GanFromScratch.Tests;
using SharpFuzz;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;

// fuzz READER: reads what afl-fuzz gives, thousands of times a second, in this process. An exception that is no refusal ends it, which
// afl-fuzz takes for a crash, and so does a small file that makes a reader ask for much memory. Nothing that is instrumented runs before
// Fuzzer.Run, or it would write to memory that isn't there yet.
// Of pictures of many pixels, which take a tenth of a second and no other paths than small ones, one in 64 is read.
// fuzz READER FILE: reads one file, with the program as it is, and shows what comes of it and how much memory it takes.
const long MostBytes = 128 << 20;
const int ManyPixels = 1 << 14;
string[] pictures = ["png", "jpeg", "bmp", "webp"];
// those alone: the library's reader of TIFF, which ours never asks, does not end on some files
var kinds = new Lazy<Configuration>(() => new(
    new PngConfigurationModule(), new JpegConfigurationModule(), new BmpConfigurationModule(), new WebpConfigurationModule()));
string memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
string folder = Directory.CreateDirectory(Path.Combine(memory, $"gan-fuzz-{Environment.ProcessId}")).FullName;
try
{
    if (args is [var one, var file])
    {
        byte[] bytes = File.ReadAllBytes(file);
        long had = GC.GetAllocatedBytesForCurrentThread();
        string became = Readers.Reads(one, folder, bytes) ? "read" : "refused";
        Console.WriteLine($"{became}, with {GC.GetAllocatedBytesForCurrentThread() - had:N0} bytes of memory");
        return 0;
    }
    if (args is not [var reader])
    {
        Console.Error.WriteLine("fuzz READER [FILE]");
        return 2;
    }
    var content = new MemoryStream();
    Fuzzer.Run(stream =>
    {
        content.SetLength(0);
        stream.CopyTo(content);
        if (pictures.Contains(reader) && IsPassedOver(content))
            return;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Readers.Reads(reader, folder, content.GetBuffer().AsSpan(0, (int)content.Length));
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        if (taken > MostBytes && Touched(reader, content) is var touched && touched > MostBytes)
            throw new InvalidOperationException($"{content.Length} bytes made the reader take {touched} of {taken}");
    });
    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

// what of it is real: the reader of WebP asks for a gigabyte of tables that it never writes to, which costs nothing
long Touched(string reader, MemoryStream content)
{
    GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    long before = Environment.WorkingSet;
    Readers.Reads(reader, folder, content.GetBuffer().AsSpan(0, (int)content.Length));
    return Environment.WorkingSet - before;
}

bool IsPassedOver(MemoryStream content)
{
    int sum = 0;
    foreach (byte value in content.GetBuffer().AsSpan(0, (int)content.Length))
        sum = (sum * 31) + value;
    if (sum % 64 == 0)
        return false;
    try
    {
        content.Position = 0;
        return Image.Identify(kinds.Value, content) is { } info && (long)info.Width * info.Height > ManyPixels;
    }
    catch (Exception)
    {
        return false; // the reader shall say so
    }
}
