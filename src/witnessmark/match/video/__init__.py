"""Videos and sound: which parts of the one are in the other, and when.

match.video.footage    Footage: videos and pictures, looked up by the codes of frames
match.video.sound      Sounds: recordings, looked up by Chromaprint's fingerprints
match.video.aligning   offsets(votes), stretches(times, distances): what both have in common
"""
