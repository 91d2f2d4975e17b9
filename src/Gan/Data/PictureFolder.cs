using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>
/// Reads a folder or a zip archive of pictures as a data set. Which files count, and which classes they have, <see cref="PictureListing"/>
/// decides. Each picture is cropped to its central square and scaled, in grey, or in colour if more than half of the usable ones have
/// colour.
/// </summary>
public static class PictureFolder
{
    /// <summary>The name of such a set, and of its runs.</summary>
    public const string Name = "pictures";

    /// <summary>Reads a folder or an archive, or the set that was kept of it.</summary>
    /// <param name="request">What is asked for; its name is the path.</param>
    /// <exception cref="GanException">Data: no usable pictures, or an unusable one that isn't skipped. Usage: more than fit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static (ImageSet Images, IReadOnlyList<string> Notes, IReadOnlyList<string> Warnings) Load(DatasetRequest request)
    {
        using var tree = PictureTree.Open(request.Name);
        var listing = PictureListing.Of(tree);
        var kept = new KeptPictures(request, tree, listing);
        if (kept.Read() is not { } set)
        {
            var reading = Read(request, tree, listing);
            set = reading.ToSet(request);
            if (!reading.HasPassingFaults)
                kept.Write(set);
        }
        return (set.Images, PassedOver(listing, request.ListsAll), WarningsOf(request, listing, set));
    }

    /// <summary>What is to be known of a set that was read, a sentence or a list each.</summary>
    internal static IReadOnlyList<string> WarningsOf(DatasetRequest request, PictureListing listing, KeptSet set)
    {
        var (images, notes, faults) = set;
        string unusable = PictureReading.Unusable(faults.Count, images.Count + faults.Count, images.Where);
        string listed = string.Concat(PictureReading.Listed(faults, request.ListsAll).Select(line => $"\n  {line}"));
        string[] skipped = faults.Count == 0 ? [] : [$"{unusable}, and --skip-bad-files skips them:{listed}"];
        return [.. listing.Notes, .. skipped, .. notes];
    }

    /// <summary>Reads all pictures, and tells what became of each.</summary>
    /// <exception cref="GanException">Data: there are none. Usage: more than fit.</exception>
    internal static PictureReading Read(DatasetRequest request, PictureTree tree, PictureListing listing)
    {
        if (listing.Files.Count == 0)
        {
            string found = listing.PassedOver.Count == 0 ? "" : $" {PassedOver(listing, request.ListsAll).Single()}";
            throw new GanException(
                ExitCode.Data,
                $"{tree.Root} holds no pictures. Put some there, PNG, JPEG, BMP or WebP, or name another folder.{found}");
        }
        var reading = new PictureReading(request.Pictures, tree.Root, listing);
        int done = 0;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = request.Threads > 0 ? request.Threads : Environment.ProcessorCount,
            CancellationToken = request.Cancel,
        };
        // a loop's own state would be made anew several times a second
        var trees = new ConcurrentBag<(PictureTree Tree, PixelRoom Room)>();
        try
        {
            Parallel.For(0, listing.Files.Count, options, i =>
            {
                var own = trees.TryTake(out var free) ? free : (Tree: tree.ForAnotherThread(), Room: new PixelRoom());
                reading.Add(i, own.Tree, own.Room);
                trees.Add(own);
                request.Reading?.Report(new ReadingProgress(Interlocked.Increment(ref done), listing.Files.Count));
            });
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
        finally
        {
            foreach (var (own, _) in trees)
                own.Dispose();
        }
        return reading;
    }

    /// <summary>Says which files of a folder aren't pictures.</summary>
    internal static string[] PassedOver(PictureListing listing, bool all) => listing.PassedOver.Count == 0
        ? []
        : [$"Passed over: {(all ? Plural.Some(listing.PassedOver, int.MaxValue) : Plural.Some(listing.PassedOver))}."];
}
